import { expect, test } from 'vitest'
import { environment, problemsOf, read, readEnvironment } from './step.ts'

const peerA = '12D3KooWNvyc1NoeTF6SynHuq5exmsMs7YyE1UFp9YhsiYw2px9B'

test('everything that is wrong is named at once', () => {
  const wrong = {
    buckets: 'a',
    direction: 'x',
    endpoint: 'x',
    'node-url': 'x',
    'heartbeat-url': 'x',
    'node-authorization': 'x',
    delegates: 'x',
    origins: 'x',
    concurrency: 'x',
    'time-limit': 'x',
    ignore: 'x',
    'cache-key': '/',
    cache: 'x',
    'node-kind': 'helia',
  }
  const problems = problemsOf(wrong)
  expect(problems.map((problem) => problem.split('`')[1]).sort()).toEqual(Object.keys(wrong).sort())
})

test('bad inputs say all the same what the end of the run needs', () => {
  const beat = 'https://beat.example/'
  const wrong = {
    direction: 'both',
    'dry-run': 'true',
    inspect: ',',
    'fail-on': 'failed-pins',
    'heartbeat-url': beat,
    cache: 'x',
  }
  const reading = readEnvironment(environment(wrong, { GITHUB_REPOSITORY: 'ann/box' }))
  expect(reading.isGood).toBe(false)
  expect(reading.ending).toEqual({
    direction: 'both',
    dryRun: true,
    isInspection: true,
    failOn: 'failed-pins',
    heartbeatUrl: new URL(beat),
    github: expect.objectContaining({ repository: 'ann/box' }),
  })
})

test('what is wrong with what the end of the run needs is left out there', () => {
  const wrong = {
    direction: 'x',
    'dry-run': 'x',
    'fail-on': 'x',
    'heartbeat-url': 'https://a:b@beat.example/',
  }
  const reading = readEnvironment(environment(wrong))
  expect(reading).toMatchObject({ isGood: false, problems: { length: 4 } })
  expect(reading.ending).toMatchObject({ direction: 'backup', dryRun: false, failOn: 'error' })
  expect(reading.ending.heartbeatUrl).toBeUndefined()
})

test('the result is frozen to its depth', () => {
  const config = read({ delegates: `/ip4/1.2.3.4/tcp/4001/p2p/${peerA}` })
  const parts = [
    config,
    config.buckets,
    config.buckets[0],
    config.delegates?.[0]?.addrs,
    config.github,
    config.inspect,
  ]
  for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
})
