import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { nowhere } from '../sandbox/kubo.ts'
import { added, Mirror, posted, until } from './mirror.ts'

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

test.each([
  ['ahead by 30 years', 365 * 30 * day],
  ['back by 5 hours', -5 * (day / 24)],
])(
  'a wall clock that is set %s in the middle of a run changes the time of the next tries only',
  async (_, jump) => {
    await using mirror = await Mirror.start({
      service: { settle: () => ({ status: 'pinned', after: { ms: 2000 } }) },
    })
    const cids = new Cids(2)
    const [onlyThere, onlyHere, dead] = [cids.take(20), cids.take(4), cids.next()]
    mirror.service.bucket('photos').addAll([...onlyThere, dead].map((cid) => ({ cid })))
    mirror.node.setContent(dead, nowhere)
    for (const cid of onlyHere) mirror.node.pin(cid)
    let held = true
    mirror.node.intercept = ({ path }) => (held && path.endsWith('/pin/add') ? { delayMs: 1000 } : undefined)
    const inputs = { direction: 'both', origins: 'none', 'settle-timeout': '1m', 'time-limit': '1h' }
    const running = mirror.start({ inputs, env: { ...jumping, CLOCK_JUMP: String(jump) } })
    await until(() => mirror.node.requests.some(({ path }) => path.endsWith('/pin/add')))
    running.kill('SIGUSR2')
    held = false
    const ran = await running.ended
    expect(ran.report).toMatchObject({
      conclusion: 'failed-pins',
      errors: [],
      backup: { failed: [{ cid: dead, attempts: 1 }], pending: [] },
      update: { failed: [], pending: [], unsent: [] },
    })
    expect(ran.report.backup?.pinned.map(({ cid }) => cid).toSorted()).toEqual(onlyThere.toSorted())
    expect(ran.report.update?.pinned.map(({ cid }) => cid).toSorted()).toEqual(onlyHere.toSorted())

    // By the right clock it is time for it: nothing rests for longer than a day.
    const next = await mirror.run({ inputs })
    expect(next.report).toMatchObject({
      conclusion: 'failed-pins',
      errors: [],
      buckets: [{ listing: { mode: 'incremental', complete: true } }],
      backup: { pinned: [], failed: [{ cid: dead, attempts: 2 }] },
    })
    expect([...new Set(added(next))]).toEqual([dead])
    expect(posted(ran)).toHaveLength(4)
    expect(posted(next)).toEqual([])
  },
)
