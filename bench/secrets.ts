import { Secrets } from '../src/secrets/secrets.ts'
import { Cids } from '../test/sandbox/identity.ts'
import { filebase } from '../test/sandbox/pinning-service.ts'
import { measured } from './measured.ts'
import { number, type Row, seconds, times } from './table.ts'

const requests = 1_000_000
const onPage = 1000

/** Taking secrets out of the answers of a listing, against parsing them. */
export async function secretsInAnswers(): Promise<Row[]> {
  const secrets = new Secrets()
  for (let bucket = 0; bucket < 11; bucket++) {
    const key = (length: number, seed: number) =>
      Buffer.from(Array.from({ length }, (_, at) => (at * seed + bucket * 131 + 17) % 251)).toString('base64')
    secrets.add(Buffer.from(`${key(15, 7).toUpperCase()}:${key(30, 13)}:bucket-${bucket}`).toString('base64'))
  }
  secrets.add('ghs_0123456789abcdefghijklmnopqrstuvwxyz')
  return [
    rowOf('answers', await cost(secrets, (index) => `photo ${index}.jpg`)),
    rowOf('answers whose names have escapes', await cost(secrets, (index) => `a "photo" & ${index}%20.jpg`)),
  ]
}

async function cost(secrets: Secrets, name: (index: number) => string) {
  const cids = new Cids(1)
  const results = Array.from({ length: onPage }, (_, index) => ({
    requestid: Buffer.from(`gid://filebase/Asset/${index}`).toString('base64url'),
    status: 'pinned',
    created: '2026-02-05T08:01:03.000-05:00',
    pin: { cid: cids.next(), name: name(index), origins: [], meta: {} },
    info: { size: '262158' },
    delegates: filebase.delegates,
  }))
  const page = Buffer.from(JSON.stringify({ count: requests, results }))
  const ofPages = (work: (text: string) => unknown) =>
    measured(() => {
      for (let pages = 0; pages < requests / onPage; pages++) work(page.toString())
    })
  await ofPages((text) => secrets.redact(text))
  const read = await ofPages((text) => text.length)
  const parsed = await ofPages((text) => JSON.parse(text))
  const redacted = await ofPages((text) => secrets.redact(text))
  return {
    bytes: page.length * (requests / onPage),
    parsed: parsed.cpuSeconds - read.cpuSeconds,
    redacted: redacted.cpuSeconds - read.cpuSeconds,
  }
}

function rowOf(what: string, { bytes, parsed, redacted }: Awaited<ReturnType<typeof cost>>): Row {
  return {
    what: `secrets taken out of the ${what} of ${number(requests)} requests (${number(Math.round(bytes / 1e6))} MB), 11 buckets`,
    measured: `${seconds(redacted)} of CPU`,
    against: `parsing them as JSON: ${seconds(parsed)} of CPU`,
    ratio: `${times(redacted, parsed)} the CPU`,
  }
}
