import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type PinCid, parseCid } from '../../../src/domain/cid.ts'
import { atOnce } from '../../../src/domain/long-work.ts'
import type { Ledger } from '../../../src/snapshot/ledger.ts'
import type { Snapshot } from '../../../src/snapshot/snapshot.ts'
import { openSnapshot } from '../snapshot-file/open-under-test.ts'
import { Workspace } from '../snapshot-file/workspace.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.UTC(2024, 0, 1)
const one = cid('QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR')
const oneAsV1 = cid('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
const two = cid('bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

function cid(text: string): PinCid {
  return parseCid(text) ?? expect.fail(`${text} is no CID`)
}

function openIn(workspace: Workspace): { snapshot: Snapshot; ledger: Ledger } {
  const warn = (warning: string) => expect.fail(warning)
  const snapshot = openSnapshot(join(workspace.path, 'snapshot.sqlite'), 'mirror', warn)
  return { snapshot, ledger: snapshot.ledger }
}

const stalled = { class: 'stalled' } as const

describe('the ledger', () => {
  test('tells before a direction what it has to know of that direction’s failures, and each as it stands', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    const failure = { name: null, bucket: 'main', reason: 'no', ...stalled }
    ledger.record('update', { ...failure, cid: one, requestCreated: 7 }, start)
    ledger.record('update', { ...failure, cid: two }, start)
    ledger.record('backup', { ...failure, cid: two }, start + hour)
    const known = atOnce(ledger.known('update'))
    expect(known.size).toBe(2)
    expect(known.get(one.key)).toEqual({
      nextAttempt: start + 15 * minute,
      retry: 'later',
      requestCreated: 7,
    })
    expect(known.get(two.key)).toEqual({
      nextAttempt: start + 15 * minute,
      retry: 'later',
      requestCreated: null,
    })
    expect(ledger.entry('update', oneAsV1.key)).toEqual(new Map(ledger.entries('update')).get(one.key))
    expect(ledger.entry('backup', one.key)).toBeUndefined()
  })

  test('tries again after 15 minutes, doubling to 24 hours, and remembers the first failure', () => {
    using workspace = new Workspace()
    const pauses: number[] = []
    let now = start
    for (let run = 1; run <= 10; run++) {
      const { snapshot, ledger } = openIn(workspace)
      using _ = snapshot
      ledger.record(
        'backup',
        { cid: one, name: null, bucket: 'main', reason: `failure ${run}`, ...stalled },
        now,
      )
      const entry = new Map(ledger.entries('backup')).get(one.key)
      expect(entry).toMatchObject({ attempts: run, firstFailed: start, reason: `failure ${run}` })
      pauses.push((entry?.nextAttempt ?? 0) - now)
      now += hour
    }
    expect(pauses).toEqual([
      15 * minute,
      30 * minute,
      hour,
      2 * hour,
      4 * hour,
      8 * hour,
      16 * hour,
      24 * hour,
      24 * hour,
      24 * hour,
    ])
  })

  test.each([
    ['a name with quotes', `Robert'); DROP TABLE failure;--"`],
    ['a name with control characters', 'a\0b\n::error::c\u001b[31m'],
    ['a name beyond ASCII', 'Zoë 🦊 \u202egnp.exe'],
    ['an empty name', ''],
    ['no name', null],
  ])('gives back what it was given: %s', (_what, name) => {
    using workspace = new Workspace()
    const failure = { cid: two, name, bucket: 'a bucket', reason: name ?? 'because', ...stalled }
    {
      const { snapshot, ledger } = openIn(workspace)
      using _ = snapshot
      ledger.record('backup', failure, start)
    }
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    const counted = { retry: 'later', attempts: 1, firstFailed: start, nextAttempt: start + 15 * minute }
    const entry = { ...failure, ...counted, requestCreated: null }

    expect([...ledger.entries('backup')]).toEqual([[two.key, entry]])
  })

  test('counts a request that failed at the service once, however often it is listed as failed', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    const failure = {
      cid: one,
      name: 'old',
      bucket: 'main',
      reason: 'timeout',
      ...stalled,
      requestCreated: start - hour,
    }
    ledger.record('update', failure, start)
    const counted = { retry: 'later', attempts: 1, firstFailed: start, nextAttempt: start + 15 * minute }
    expect(new Map(ledger.entries('update')).get(one.key)).toEqual({ ...failure, ...counted })

    const again = {
      ...failure,
      cid: oneAsV1,
      name: 'new',
      bucket: 'other',
      reason: 'no provider',
      ...stalled,
    }
    ledger.record('update', again, start + hour)

    expect(new Map(ledger.entries('update')).get(one.key)).toEqual({ ...again, ...counted })
  })

  test('counts the failure of another request, of the other direction, and of the node', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    const failure = { cid: one, name: null, bucket: 'main', reason: '', ...stalled }
    const entry = (direction: 'backup' | 'update') => new Map(ledger.entries(direction)).get(one.key)
    ledger.record('update', { ...failure, requestCreated: 1 }, start)
    ledger.record('backup', { ...failure, requestCreated: 1 }, start)
    expect([entry('update')?.attempts, entry('backup')?.attempts]).toEqual([1, 1])

    ledger.record('update', { ...failure, requestCreated: 2 }, start + hour)
    const nextAttempt = start + hour + 30 * minute
    const second = { attempts: 2, firstFailed: start, nextAttempt, requestCreated: 2 }
    expect(entry('update')).toMatchObject(second)
    ledger.record('update', failure, start + 2 * hour)
    expect(entry('update')).toMatchObject({ attempts: 3, firstFailed: start, requestCreated: null })
    ledger.record('update', failure, start + 3 * hour)
    expect(entry('update')).toMatchObject({ attempts: 4, requestCreated: null })
    ledger.record('update', { ...failure, requestCreated: 2 }, start + 4 * hour)
    expect(entry('update')).toMatchObject({ attempts: 5, requestCreated: 2 })
    expect(entry('backup')).toMatchObject({ attempts: 1, requestCreated: 1 })
  })

  test('keeps the directions apart, and takes two forms of a CID for one', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    ledger.record('backup', { cid: one, name: 'old', bucket: 'main', reason: 'one', ...stalled }, start)
    ledger.record('update', { cid: two, name: null, bucket: 'main', reason: 'two', ...stalled }, start)
    ledger.record(
      'backup',
      { cid: oneAsV1, name: 'new', bucket: 'other', reason: 'three', ...stalled },
      start + hour,
    )

    const entry = { cid: oneAsV1, name: 'new', bucket: 'other', reason: 'three', ...stalled, attempts: 2 }
    expect([...new Map(ledger.entries('backup')).values()]).toEqual([expect.objectContaining(entry)])
    expect([...new Map(ledger.entries('update')).keys()]).toEqual([two.key])
  })

  test('keeps of a reason as much as the next run reads', () => {
    using workspace = new Workspace()
    {
      const { snapshot, ledger } = openIn(workspace)
      using _ = snapshot
      const failure = { name: null, bucket: 'main', reason: '💥'.repeat(600_000), ...stalled }
      ledger.record('backup', { ...failure, cid: one }, start)
    }
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    expect(ledger.entry('backup', one.key)?.reason).toMatch(/^💥+…$/u)
  })

  test('lists the longest failing first', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    // By its key, the second would come first.
    ledger.record('backup', { cid: one, name: null, bucket: 'main', reason: '', ...stalled }, start)
    ledger.record('backup', { cid: two, name: null, bucket: 'main', reason: '', ...stalled }, start + hour)

    expect(new Set(new Map(ledger.entries('backup')).keys())).toEqual(new Set([one.key, two.key]))
  })

  test('forgets, and begins anew with what fails again', () => {
    using workspace = new Workspace()
    const { snapshot, ledger } = openIn(workspace)
    using _ = snapshot
    const failure = { cid: one, name: null, bucket: 'main', reason: '', ...stalled }
    for (const direction of ['backup', 'update'] as const) ledger.record(direction, failure, start)
    ledger.record('backup', { ...failure, cid: two }, start)

    ledger.forget('backup', [one.key, cid('bafkqaaa').key], 'ignored')
    expect(ledger.departed).toEqual([{ direction: 'backup', bucket: 'main', why: 'ignored', cids: 1 }])

    expect([...new Map(ledger.entries('backup')).keys()]).toEqual([two.key])
    expect(new Map(ledger.entries('update')).has(one.key)).toBe(true)
    ledger.record('backup', failure, start + hour)
    expect(new Map(ledger.entries('backup')).get(one.key)).toMatchObject({
      attempts: 1,
      firstFailed: start + hour,
    })
  })

  test('says that the snapshot changed only when it did', () => {
    using workspace = new Workspace()
    const changedInRun = (work: (ledger: Ledger) => void) => {
      const { snapshot, ledger } = openIn(workspace)
      using _ = snapshot
      work(ledger)
      return snapshot.facts.get('changedInRun')
    }
    const failure = { cid: one, name: null, bucket: 'main', reason: '', ...stalled }
    const atService = { ...failure, cid: two, requestCreated: 1 }

    expect(changedInRun((ledger) => ledger.forget('backup', [one.key], 'gone'))).toBeUndefined()
    expect(changedInRun((ledger) => ledger.record('backup', failure, start))).toBe(2)
    expect(changedInRun((ledger) => new Map(ledger.entries('backup')))).toBe(2)
    expect(changedInRun((ledger) => ledger.forget('backup', [two.key], 'gone'))).toBe(2)
    expect(changedInRun((ledger) => ledger.forget('backup', [one.key], 'gone'))).toBe(5)
    expect(changedInRun((ledger) => ledger.record('update', atService, start))).toBe(6)
    expect(changedInRun((ledger) => ledger.record('update', atService, start + hour))).toBe(6)
    const renamed = { ...atService, name: 'new' }
    expect(changedInRun((ledger) => ledger.record('update', renamed, start + hour))).toBe(8)
  })
})
