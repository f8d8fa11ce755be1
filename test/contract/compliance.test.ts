import { beforeAll, describe, expect, test } from 'vitest'
import { installSuite, runSuite } from '../compliance/suite.ts'
import {
  filebase,
  type PinningServiceOptions,
  specified,
  startPinningService,
} from '../sandbox/pinning-service.ts'

const settle: PinningServiceOptions['settle'] = () => ({ status: 'pinned', after: { requests: 0 } })

describe.concurrent('the official compliance suite', () => {
  let isThere = false
  beforeAll(async () => {
    try {
      await installSuite()
      isThere = true
    } catch (error) {
      if (process.env['CI']) throw error
      console.warn('Skipping the compliance suite of the Pinning Service API: it could not be installed.')
    }
  })

  test.for([
    ['the specification', specified],
    ['Filebase', filebase],
  ] as const)('passes on the sandbox in the manner of %s', async ([, manners], { skip }) => {
    skip(!isThere, 'it could not be installed')
    await using service = await startPinningService({ buckets: { main: 'token' }, manners, settle })
    const output = await runSuite(service.url, 'token')
    // It exits with 0 whatever happened, and its summary leaves out checks that it could not run.
    expect(output).not.toMatch(/❌|Problem running compliance check/)
    expect(output).toContain('Summary (9/9 successful)')
  })
})
