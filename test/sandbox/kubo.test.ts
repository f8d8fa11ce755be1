import { describe, expect, test } from 'vitest'
import { rpc, rpcUntil } from '../contract/rpc.ts'
import { Cids } from './identity.ts'
import { noSpace, nowhere, rpcFailure, startKubo } from './kubo.ts'

const cids = new Cids(1)

// What the contract tests compare with the real Kubo is not repeated here.
describe('the content of a CID', () => {
  test('comes block by block', async () => {
    await using kubo = await startKubo({ progressEveryMs: 10 })
    const cid = cids.next()
    kubo.setContent(cid, { blocks: 5, bytesPerBlock: 100, msPerBlock: 20 })
    const { lines } = await rpc(kubo.url, `pin/add?arg=${cid}&progress=true`)
    const progress = lines.slice(0, -1).map((line) => (line as { Progress?: number }).Progress ?? 0)
    expect(new Set(progress).size).toBeGreaterThan(2)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(lines.slice(-2)).toEqual([{ Progress: 5, Bytes: 500 }, { Pins: [cid] }])
  })

  test('stays where it stops, and goes on from there once it can', async () => {
    await using kubo = await startKubo({ progressEveryMs: 10 })
    const cid = cids.next()
    kubo.setContent(cid, { blocks: 5, bytesPerBlock: 100, breaks: { after: 3 } })
    const three = '{"Progress":3,"Bytes":300}'
    const isThereTwice = (lines: readonly string[]) => lines.filter((line) => line === three).length > 1
    const lines = await rpcUntil(kubo.url, `pin/add?arg=${cid}&progress=true`, isThereTwice)
    expect(lines.slice(-2)).toEqual([three, three])
    expect(kubo.pins.has(cid)).toBe(false)
    kubo.setContent(cid, { blocks: 5 })
    expect((await rpc(kubo.url, `pin/add?arg=${cid}`)).lines).toEqual([{ Pins: [cid] }])
  })

  test('fails at once with a 500, and later in the trailer', async () => {
    await using kubo = await startKubo({ progressEveryMs: 10 })
    const [one, two] = cids.take(2) as [string, string]
    kubo.setContent(one, { breaks: { after: 0, error: noSpace } })
    kubo.setContent(two, { blocks: 9, msPerBlock: 20, breaks: { after: 2, error: noSpace } })
    expect(await rpc(kubo.url, `pin/add?arg=${one}&progress=true`)).toMatchObject({
      status: 500,
      lines: [{ Message: noSpace, Code: 0, Type: 'error' }],
    })
    expect(await rpc(kubo.url, `pin/add?arg=${two}&progress=true`)).toMatchObject({
      status: 200,
      trailers: { 'x-stream-error': noSpace },
    })
  })

  test('is nowhere where the test says so, but for CIDs that hold their data', async () => {
    await using kubo = await startKubo({ otherwise: nowhere, progressEveryMs: 10 })
    const inline = cids.next('identity')
    expect((await rpc(kubo.url, `pin/add?arg=${inline}`)).lines).toEqual([{ Pins: [inline] }])
    const hasThree = (lines: readonly string[]) => lines.length >= 3
    const lines = await rpcUntil(kubo.url, `pin/add?arg=${cids.next()}&progress=true`, hasThree)
    expect(lines).toEqual(['{}', '{}', '{}'])
  })
})

describe('a streamed answer', () => {
  test('breaks with an error in its trailer', async () => {
    await using kubo = await startKubo()
    for (const cid of cids.take(3)) kubo.pin(cid)
    kubo.breakStream = () => ({ afterLines: 2, with: { error: 'repository closed' } })
    const answer = await rpc(kubo.url, 'pin/ls?type=recursive&stream=true')
    expect(answer).toMatchObject({ status: 200, trailers: { 'x-stream-error': 'repository closed' } })
    expect(answer.lines).toHaveLength(2)
  })

  test('breaks with the connection', async () => {
    await using kubo = await startKubo()
    for (const cid of cids.take(3)) kubo.pin(cid)
    kubo.breakStream = () => ({ afterLines: 2, with: 'cut' })
    await expect(rpc(kubo.url, 'pin/ls?type=recursive&stream=true')).rejects.toThrow()
  })

  test('lets a test fail a command before its first byte', async () => {
    await using kubo = await startKubo()
    kubo.intercept = ({ path }) => (path.endsWith('/pin/ls') ? rpcFailure('lock is held') : undefined)
    expect(await rpc(kubo.url, 'pin/ls?type=recursive&stream=true')).toMatchObject({
      status: 500,
      lines: [{ Message: 'lock is held', Code: 0, Type: 'error' }],
    })
    expect((await rpc(kubo.url, 'version')).status).toBe(200)
  })
})

test('says how many pins were being added at once', async () => {
  await using kubo = await startKubo({ otherwise: { msPerBlock: 50 } })
  await Promise.all(cids.take(3).map((cid) => rpc(kubo.url, `pin/add?arg=${cid}`)))
  expect(kubo.mostAdding).toBe(3)
  expect(kubo.requests).toHaveLength(3)
})
