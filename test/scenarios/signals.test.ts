import { expect, test } from 'vitest'
import { Cids } from '../sandbox/identity.ts'
import { Random } from '../sandbox/random.ts'
import { Mirror, until } from './mirror.ts'

const start = Date.parse('2024-01-01T00:00:00Z')
const rows = 10_000
const points = 6

test(`SIGTERM at ${points} random points of a run over ${rows} requests is answered in time, by a report`, async () => {
  await using mirror = await Mirror.start()
  const cids = new Cids(1).take(rows)
  mirror.service.bucket('photos').addAll(cids.map((cid, n) => ({ cid, created: start + n * 10_000 })))
  for (const cid of cids.slice(0, -200)) mirror.node.pin(cid)
  const asked = () => mirror.service.requests.length + mirror.node.requests.length
  const random = new Random(7)
  for (let point = 0; point < points; point++) {
    const inputs = { 'full-listing': String(point % 2 === 0) }
    const from = asked()
    const after = 1 + random.below(60)
    const running = mirror.start({ inputs })
    let hasEnded = false
    void running.ended.then(() => {
      hasEnded = true
    })
    await until(() => hasEnded || asked() >= from + after)
    running.kill('SIGTERM')
    const ran = await running.endsInTime()
    expect({ after, conclusion: ran.report.conclusion, errors: ran.report.errors }).toEqual({
      after,
      errors: [],
      conclusion: expect.stringMatching(/^(cancelled|ok)$/),
    })
    expect(ran.exitCode, `after ${after} requests`).toBe(ran.report.conclusion === 'ok' ? 0 : 1)
  }
})
