import { buildPeers } from './build.ts'

/**
 * Before the tests that need the real peers: builds what is missing. Without Go those tests are skipped, which is
 * said once; under CI they must run.
 */
export default async function setup(): Promise<void> {
  try {
    await buildPeers()
  } catch (error) {
    if (process.env['CI']) throw error
    console.warn(`Skipping the tests against real IPFS peers: ${(error as Error).message}.`)
  }
}
