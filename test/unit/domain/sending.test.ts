import { describe, expect, test } from 'vitest'
import { Blame, type Failure, likenessOf, type Meaning, meaningOf } from '../../../src/domain/sending.ts'

const api = (status: number): Failure => ({ kind: 'status', status, isInTheApisWords: true })
const page = (status: number): Failure => ({ kind: 'status', status, isInTheApisWords: false })
const silence = (code: string): Failure => ({ kind: 'no-answer', code })

test.each<[Meaning, readonly Failure[]]>([
  ['not-sent', ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'].map(silence)],
  ['maybe-taken', ['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE', 'anything'].map(silence)],
  ['maybe-taken', [{ kind: 'unreadable' }]],
  ['maybe-taken', [api(500), page(500), page(502), page(503), page(504), api(408), api(425), page(499)]],
  ['refused', [400, 402, 403, 404, 409, 413, 422, 451].map(api)],
  ['refused-perhaps', [400, 403, 413].map(page)],
  ['takes-nothing', [api(401), page(401), page(301), page(307), api(429)]],
])('an answer means %s: %#', (meaning, failures) => {
  expect(failures.map(meaningOf)).toEqual(failures.map(() => meaning))
})

test('refusals are alike that differ in CIDs and numbers only', () => {
  const of = (status: number, reason: string) => likenessOf({ status, reason })
  const cids = [
    'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  ]
  expect(new Set(cids.map((cid, n) => of(400, `quota used by ${cid} after ${n} tries`))).size).toBe(1)
  expect(of(400, 'x'.repeat(40))).toBe(of(400, 'y'.repeat(41)))
  expect(of(400, 'x'.repeat(39))).not.toBe(of(400, 'y'.repeat(39)))
  expect(of(400, 'no 1')).not.toBe(of(400, 'no '))
  expect(of(400, 'BAD_REQUEST')).not.toBe(of(403, 'BAD_REQUEST'))
  expect(of(400, 'BAD_REQUEST')).not.toBe(of(400, 'QUOTA'))
})

describe('who is at fault', () => {
  const no = { status: 400, reason: 'NO' }
  const broke = { status: 409, reason: 'INSUFFICIENT_FUNDS' }
  const forbidden = { status: 403, reason: 'FORBIDDEN' }
  const refusals = (blame: Blame<number>, from: number, count: number, error = no, isFresh = true) => {
    for (let n = from; n < from + count; n++) blame.refused(n, error, isFresh)
  }

  test('one refusal among successes is its own', () => {
    const blame = new Blame<number>()
    blame.succeeded()
    refusals(blame, 1, 1)
    blame.succeeded()
    expect([blame.isService, blame.alike(true), blame.servicesOwn(true), blame.refusals]).toEqual([
      false,
      [],
      [],
      [1],
    ])
  })

  test('twenty equal ones without a success are the service’s, with those before', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 1)
    blame.succeeded()
    refusals(blame, 1, 19)
    expect(blame.isService).toBe(false)
    refusals(blame, 20, 1)
    expect(blame.isService).toBe(true)
    expect(blame.alike(false)).toHaveLength(21)
    expect(blame.servicesOwn(false)).toHaveLength(21)
    blame.succeeded()
    expect([blame.isService, blame.servicesOwn(true)]).toEqual([false, []])
  })

  test('a streak that a success has ended is not taken up by one that was refused before', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 20)
    blame.succeeded()
    refusals(blame, 20, 1, no, false)
    expect([blame.isService, blame.servicesOwn(true)]).toEqual([false, []])
  })

  test('a success between them begins anew, and so do other words', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 15)
    blame.succeeded()
    refusals(blame, 15, 15)
    refusals(blame, 30, 15, { status: 400, reason: 'ANOTHER' })
    expect([blame.isService, blame.alike(true), blame.servicesOwn(true)]).toEqual([false, [], []])
    expect(blame.refusals).toHaveLength(45)
  })

  test('a few that are refused alike with nobody taken may lack the same', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 3)
    expect(blame.alike(false)).toEqual([])
    expect(blame.alike(true)).toEqual([0, 1, 2])
    blame.absolve(blame.alike(true))
    expect([blame.refusals, blame.isService]).toEqual([[], false])
  })

  test.each([
    // Funds: at any number, but for one that comes last when others were taken.
    [{ status: 402, reason: '' }, { taken: 0, count: 1, fresh: true }, true],
    [broke, { taken: 0, count: 1, fresh: true }, true],
    [broke, { taken: 0, count: 3, fresh: false }, true],
    [broke, { taken: 9, count: 2, fresh: true }, true],
    [broke, { taken: 9, count: 1, fresh: true }, false],
    // The plan, or a list of CIDs: several that nobody knew of.
    [forbidden, { taken: 0, count: 3, fresh: true }, true],
    [forbidden, { taken: 0, count: 2, fresh: true }, true],
    [forbidden, { taken: 0, count: 1, fresh: true }, false],
    [forbidden, { taken: 0, count: 3, fresh: false }, false],
    [forbidden, { taken: 9, count: 3, fresh: true }, false],
    // What may be of one CID each.
    [no, { taken: 0, count: 19, fresh: true }, false],
    [{ status: 403, reason: 'DENIED' }, { taken: 0, count: 3, fresh: true }, false],
    [{ status: 409, reason: 'DUPLICATE' }, { taken: 0, count: 3, fresh: true }, false],
    [{ status: 400, reason: 'INSUFFICIENT_FUNDS' }, { taken: 0, count: 1, fresh: true }, false],
    [{ status: 400, reason: 'FORBIDDEN' }, { taken: 0, count: 3, fresh: true }, false],
  ])('%j at the end (%j) is the service’s: %s', (error, { taken, count, fresh }, isOwn) => {
    const blame = new Blame<number>()
    for (let n = 0; n < taken; n++) blame.succeeded()
    refusals(blame, 0, count, error, fresh)
    expect(blame.servicesOwn(true)).toEqual(isOwn ? blame.refusals : [])
    expect(blame.servicesOwn(false)).toEqual([])
  })

  test.each([
    ['what was refused before', no, false],
    ['what is refused for funds, whatever was before,', broke, true],
  ])('twenty of %s are the service’s: %s', (_, error, isService) => {
    const blame = new Blame<number>()
    refusals(blame, 0, 20, error, false)
    expect(blame.isService).toBe(isService)
    expect(blame.servicesOwn(false)).toHaveLength(isService ? 20 : 0)
  })

  test('it is not the service before anything was refused, nor by two refusals that differ', () => {
    const blame = new Blame<number>()
    expect([blame.isService, blame.isSilent, blame.alike(true)]).toEqual([false, false, []])
    refusals(blame, 0, 2)
    refusals(blame, 2, 2, broke)
    expect(blame.alike(true)).toEqual([])
  })

  test('those that all lacked the same are not to blame, and the others stay', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 20)
    refusals(blame, 20, 20, broke)
    blame.absolve(blame.alike(false))
    expect([blame.refusals.length, blame.isService]).toEqual([20, true])
    blame.absolve(blame.alike(false))
    expect([blame.refusals, blame.isService]).toEqual([[], false])
    refusals(blame, 0, 19)
    refusals(blame, 20, 20, broke)
    blame.absolve(blame.alike(false))
    expect([blame.refusals.length, blame.isService]).toEqual([19, false])
  })

  test('one of which it is not known any more is dropped, and no other', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 3)
    refusals(blame, 3, 2, broke)
    blame.drop(1)
    blame.drop(9)
    expect(blame.refusals).toEqual([0, 2, 3, 4])
  })

  test('of several refusals without a success only those of the account are the service’s', () => {
    const blame = new Blame<number>()
    refusals(blame, 0, 2)
    refusals(blame, 2, 2, broke)
    expect(blame.servicesOwn(true)).toEqual([2, 3])
  })

  test('twenty in a row without an answer that counts are the service’s', () => {
    const blame = new Blame<number>()
    for (let n = 0; n < 19; n++) blame.unanswered()
    blame.succeeded()
    for (let n = 0; n < 19; n++) blame.unanswered()
    expect(blame.isSilent).toBe(false)
    blame.unanswered()
    expect(blame.isSilent).toBe(true)
  })
})
