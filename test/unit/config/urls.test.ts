import { expect, test } from 'vitest'
import { problemsOf, read } from './step.ts'

test.each([
  ['https://pin.example/v1/ipfs/pins', 'https://pin.example/v1/ipfs'],
  ['https://pin.example/v1/ipfs/pins/', 'https://pin.example/v1/ipfs'],
  ['https://pin.example/v1/ipfs/', 'https://pin.example/v1/ipfs'],
  ['https://pin.example/pinsheaven', 'https://pin.example/pinsheaven'],
  ['https://pin.example/pins', 'https://pin.example/'],
  ['https://pin.example', 'https://pin.example/'],
  ['https://8.8.8.8', 'https://8.8.8.8/'],
  ['http://127.0.0.1:9097', 'http://127.0.0.1:9097/'],
  ['http://localhost:9097', 'http://localhost:9097/'],
  ['http://10.1.2.3', 'http://10.1.2.3/'],
  ['http://[::1]:9097', 'http://[::1]:9097/'],
  ['http://[fd00::7]', 'http://[fd00::7]/'],
  ['http://cluster0:9097', 'http://cluster0:9097/'],
])('endpoint %s', (given, expected) => {
  expect(read({ endpoint: given }).endpoint.href).toBe(expected)
})

test.each([
  ['unix:/run/ipfs/api.sock', 'unix:/run/ipfs/api.sock'],
  ['unix:///run/ipfs/api.sock', 'unix:/run/ipfs/api.sock'],
  ['UNIX:/home/me/.ipfs/a+b_c-1@2.sock', 'unix:/home/me/.ipfs/a+b_c-1@2.sock'],
])('node-url %s is a socket', (given, expected) => {
  expect(read({ 'node-url': given }).nodeUrl.href).toBe(expected)
})

test.each([
  ['unix:', 'must be the absolute path'],
  ['unix:run/ipfs.sock', 'must be the absolute path'],
  ['unix://host/ipfs.sock', 'must be the absolute path'],
  ['unix:/run/a b.sock', 'must be the absolute path'],
  ['unix:/run/a%20b.sock', 'must be the absolute path'],
  ['unix:/run/a.sock?x', 'must be the absolute path'],
  [`unix:/${'a'.repeat(103)}`, 'at most 103 bytes'],
])('node-url %s is none', (given, why) => {
  expect(problemsOf({ 'node-url': given })).toEqual([expect.stringContaining(why)])
})

test('node-url loses its last slash and keeps its path', () => {
  expect(read({ 'node-url': 'http://127.0.0.1:5001/' }).nodeUrl.href).toBe('http://127.0.0.1:5001/')
  expect(read({ 'node-url': 'https://box.example/kubo/' }).nodeUrl.href).toBe('https://box.example/kubo')
  expect(read({ 'node-url': 'http://127.0.0.1:5001/api/v0/' }).nodeUrl.href).toBe('http://127.0.0.1:5001/')
  expect(read({ 'node-url': 'https://box.example/pins' }).nodeUrl.href).toBe('https://box.example/pins')
})

test('heartbeat-url keeps its query', () => {
  const given = 'https://beat.example/api/push/abcdefgh12?status=up'
  expect(read({ 'heartbeat-url': given }).heartbeatUrl?.href).toBe(given)
})

const noUrl = 'must be a URL that begins with https://, or with http:// in a private network.'
const notPlain =
  'must be https: plain http, which anyone on the way can read, is for this machine and private networks only.'
for (const name of ['endpoint', 'node-url', 'heartbeat-url'])
  test.each([
    ['not a url', noUrl],
    ['/ip4/127.0.0.1/udp/4001/quic-v1', noUrl],
    ['ftp://pin.example', noUrl],
    ['https:pin.example', noUrl],
    ['https://', noUrl],
    ['https://pin.example/a b', noUrl],
    ['http://8.8.8.8', notPlain],
    ['http://134744072', notPlain],
    ['http://[2001:4860:4860::8888]', notPlain],
    ['http://[::ffff:8.8.8.8]', notPlain],
    ['https://pin.example/#a', 'must not contain a fragment (`#`).'],
  ])(`${name}: %s`, (given, expected) => {
    expect(problemsOf({ [name]: given })).toEqual([`\`${name}\` ${expected}`])
  })

test.each([
  ['endpoint', 'tokens belong in `buckets`'],
  ['node-url', 'they belong in `node-authorization`'],
  ['heartbeat-url', 'none are sent to it'],
])('%s with credentials', (name, hint) => {
  const expected = [`\`${name}\` must not contain credentials: ${hint}.`]
  expect(problemsOf({ [name]: 'https://ann:pass-%zz@pin.example' })).toEqual(expected)
  expect(problemsOf({ [name]: 'https://tokentoken@pin.example' })).toEqual(expected)
})

test.each(['endpoint', 'node-url'])('%s with a query', (name) => {
  const expected = [`\`${name}\` must not contain a query (\`?\`).`]
  expect(problemsOf({ [name]: 'https://pin.example/?token=a' })).toEqual(expected)
})

test.each(['http://8.8.8.8/api/v3', 'api.github.com'])('GITHUB_API_URL: %s', (given) => {
  expect(problemsOf({}, { GITHUB_API_URL: given })).toEqual([
    expect.stringMatching(/^`GITHUB_API_URL` must be/),
  ])
})
