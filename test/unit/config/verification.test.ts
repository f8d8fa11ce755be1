import { expect, test } from 'vitest'
import { lines, problemsOf, read } from './step.ts'

test.each([
  ['', 300_000],
  ['0s', 0],
  ['0h', 0],
  ['90s', 90_000],
])('verify-time %j', (given, ms) => {
  expect(read({ 'verify-time': given }).verifyTime).toBe(ms)
})

test.each(['0', '-1s', '5', 'none', '25h 1s'])('verify-time %s is none', (given) => {
  expect(problemsOf({ 'verify-time': given })).toEqual([expect.stringContaining('`verify-time` must be')])
})

test('gateways, each once and without what comes behind their address', () => {
  const given = lines(
    'https://gateway.example/',
    '# another',
    'http://127.0.0.1:8080/ipfs/',
    'https://a.example/path/ipfs',
    'https://gateway.example',
  )
  expect(read({ gateways: given }).gateways.map(({ href }) => href)).toEqual([
    'https://gateway.example/',
    'http://127.0.0.1:8080/',
    'https://a.example/path',
  ])
  expect(read({}).gateways).toEqual([])
})

test.each([
  ['gateway.example', 'must be a URL'],
  ['http://8.8.8.8', 'must be https'],
  ['https://user:pass@gateway.example', 'must not contain credentials: none are sent to a gateway'],
  ['https://gateway.example/?format=car', 'must not contain a query'],
])('gateway %s is refused', (given, why) => {
  const problems = problemsOf({ gateways: given })
  expect(problems).toEqual([expect.stringContaining(why)])
  expect(problems.join()).not.toContain('pass@')
})

test('a manifest is written where it is asked for', () => {
  expect(read({}).manifest).toBe(false)
  expect(read({ manifest: 'true' }).manifest).toBe(true)
  expect(problemsOf({ manifest: 'yes' })).toHaveLength(1)
})
