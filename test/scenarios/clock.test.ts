import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Mirror, posted } from './mirror.ts'

const day = 24 * 60 * 60_000
const jumping = { NODE_OPTIONS: `--import=${new URL('jumping-clock.ts', import.meta.url).href}` }

test.each([
  ['ahead by a day', day],
  ['back by an hour', -day / 24],
])('a wall clock that jumps %s with each look changes nothing', async (_, step) => {
  await using mirror = await Mirror.start({
    service: { settle: () => ({ status: 'pinned', after: { ms: 2000 } }) },
  })
  const cids = new Cids(1).take(4)
  for (const cid of cids) mirror.node.pin(cid)
  let refusals = 1
  mirror.service.intercept = ({ method }) =>
    method === 'POST' && refusals-- > 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined
  const ran = await mirror.run({
    inputs: { direction: 'update', origins: 'none', 'settle-timeout': '1m', 'time-limit': '1h' },
    env: { ...jumping, CLOCK_STEP: String(step) },
  })
  expect(ran.report).toMatchObject({
    conclusion: 'ok',
    errors: [],
    update: { missing: 4, failed: [], pending: [], unsent: [] },
  })
  expect(ran.report.update?.pinned.map(({ cid }) => cid).toSorted()).toEqual(cids.toSorted())
  // One was refused for the rate, and sent once more.
  expect(posted(ran)).toHaveLength(5)
})
