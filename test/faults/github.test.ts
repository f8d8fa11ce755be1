import './hurried.ts'
import { describe, expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import type { RecordedRequest } from '../sandbox/server.ts'
import { Box } from './box.ts'
import { type FaultName, faults, harm, heal } from './faults.ts'

/**
 * Whether a run has its issue of which only the first request to GitHub meets the fault; else there is a warning. Of a
 * gigantic answer it depends on whether its length or its time ends first.
 */
const heals: Readonly<Record<FaultName, boolean | undefined>> = {
  'refused connections': false,
  'a connection that is reset': true,
  'a connection that is closed': true,
  'half of an answer': true,
  silence: true,
  'silence after half of an answer': true,
  'an answer in drips': true,
  'an answer that never ends': true,
  'a gigantic answer': undefined,
  'a gzip bomb': false,
  'a redirect': false,
  'a page of HTML': false,
  'an empty answer': false,
  'a list where an object belongs': false,
  null: false,
  'fields of other types': false,
  '401': false,
  '403': false,
  '404': false,
  '500': true,
  '502 with HTML': true,
  '503 with Retry-After': true,
  '504': true,
  '429 with seconds': true,
  '429 with a date': true,
  '429 with a date that has passed': true,
  '429 with negative seconds': true,
  '429 with a huge number': false,
  '429 with words': true,
  '429 with nothing': true,
}
const table = Object.keys(faults) as FaultName[]

/** The node lacks one CID, and there is something for the issue to tell. */
async function start(): Promise<{ box: Box; cid: string }> {
  const box = await Box.start()
  const [cid = '', failed = ''] = new Cids(1).take(2)
  box.photos.add({ cid })
  box.photos.add({ cid: failed, status: 'failed' })
  return { box, cid }
}

/** What goes wrong with the issue costs the mirror nothing. */
function expectMirrored(report: Awaited<ReturnType<Box['run']>>, cid: string): void {
  expect(report).toMatchObject({ conclusion: 'ok', errors: [], backup: { pinned: [{ cid }] } })
}

const warned = { warnings: expect.arrayContaining([expect.objectContaining({ where: 'issue' })]) }

/** The next run, which finds GitHub well, has one issue and no more. */
async function expectOneIssue(box: Box): Promise<void> {
  await heal(box.github)
  await box.run()
  expect(box.github.issues).toMatchObject([{ state: 'open' }])
}

describe('whenever GitHub is asked', () => {
  test.each(table)('%s: a warning, and the mirror does its work', async (fault) => {
    const { box, cid } = await start()
    await using _ = box
    await harm(box.github, fault)
    const report = await box.run()
    expectMirrored(report, cid)
    if (fault !== 'an answer in drips') expect(report).toMatchObject(warned)
    expect(box.github.requests.map(({ path }) => path)).not.toContain('/elsewhere')
    await expectOneIssue(box)
  })
})

describe('the first time that GitHub is asked', () => {
  test.each(table)('%s: asked again where that may help', async (fault) => {
    const { box, cid } = await start()
    await using _ = box
    await harm(box.github, fault, { most: 1 })
    const report = await box.run()
    expectMirrored(report, cid)
    const isThere = heals[fault] ?? box.github.issues.length > 0
    expect(box.github.issues).toHaveLength(isThere ? 1 : 0)
    if (!isThere) expect(report).toMatchObject(warned)
    await expectOneIssue(box)
  })
})

describe('whenever an issue is opened', () => {
  const isOpened = ({ method, path }: RecordedRequest) => method === 'POST' && path.endsWith('/issues')
  test.each(table)('%s: there is one issue in the end', async (fault) => {
    const { box, cid } = await start()
    await using _ = box
    await harm(box.github, fault, { isHit: isOpened })
    expectMirrored(await box.run(), cid)
    await expectOneIssue(box)
  })
})
