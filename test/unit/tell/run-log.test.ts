import { expect, test } from 'vitest'
import { Secrets } from '../../../src/secrets/secrets.ts'
import { logTo } from '../../../src/tell/run-log.ts'

/** A log, and what the runner gets of it. */
function logOf({ isDebug = false, secrets = new Secrets() } = {}) {
  const got: string[] = []
  const core = {
    isDebug: () => isDebug,
    info: (line: string) => void got.push(line),
    debug: (line: string) => void got.push(`::debug::${line}`),
    startGroup: (title: string) => void got.push(`::group::${title}`),
    endGroup: () => void got.push('::endgroup::'),
  }
  return { log: logTo(core, secrets), got }
}

test('a group in which nothing is said is none', async () => {
  const { log, got } = logOf()
  expect(await log.group('Pinning', async () => 7)).toBe(7)
  await log.group('Listing', async () => log.info('5 of 10'))
  log.info('10 listed')
  expect(got).toEqual(['::group::Listing', '5 of 10', '::endgroup::', '10 listed'])
})

test('a group ends where its work fails', async () => {
  const { log, got } = logOf()
  const failing = log.group('Pinning', async () => {
    log.info('5 of 10')
    throw new Error('full')
  })
  await expect(failing).rejects.toThrow('full')
  expect(got.at(-1)).toBe('::endgroup::')
})

test('what is for who looks for a fault is made only where it is shown', () => {
  const quiet = logOf()
  quiet.log.debug(() => expect.fail('it was made'))
  expect(quiet.got).toEqual([])
  const { log, got } = logOf({ isDebug: true })
  log.debug(() => 'GET /pins')
  expect(got).toEqual(['::debug::GET /pins'])
})

test('no secret gets through, not even a piece of one that is cut short', async () => {
  const secrets = new Secrets()
  const secret = 'a-token-that-nobody-is-to-see'
  secrets.add(secret)
  const { log, got } = logOf({ isDebug: true, secrets })
  const line = `${'x'.repeat(1_990)}${secret}`
  log.info(line)
  log.debug(() => line)
  await log.group(secret, async () => log.info(encodeURIComponent(secret)))
  expect(got.join('\n')).not.toContain('a-token')
})

test('what others say becomes no command, and no line of its own', async () => {
  const { log, got } = logOf({ isDebug: true })
  const hostile = '::set-env name=PATH::x\n##[add-path]/evil\r::error::\u001b[31m'
  log.info(hostile)
  log.debug(() => hostile)
  await log.group(hostile, async () => log.info('x'))
  for (const line of got) {
    expect(line).not.toMatch(/^\s*::(?:set-env|error)|##\[|\p{Cc}/u)
    expect(line.replace(/^::(?:debug|group)::/, '')).not.toMatch(/^\s*::(?:set-env|error)/)
  }
})
