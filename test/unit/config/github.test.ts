import { describe, expect, test } from 'vitest'
import { read } from './step.ts'

describe('what the runner says', () => {
  test('is read', () => {
    const env = {
      GITHUB_REPOSITORY: 'ann/box',
      GITHUB_API_URL: 'https://ghe.example/api/v3/',
      GITHUB_SERVER_URL: 'https://ghe.example',
      GITHUB_RUN_ID: '17',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_WORKSPACE: '/work/ws',
      RUNNER_TEMP: '/work/temp',
      GITHUB_ACTION: '__self',
      GITHUB_STEP_SUMMARY: '/work/temp/summary',
      GITHUB_EVENT_NAME: 'workflow_dispatch',
    }
    const config = read({ 'snapshot-dir': 'snap/shot' }, env)
    expect(config.github).toEqual({
      repository: 'ann/box',
      apiUrl: 'https://ghe.example/api/v3',
      serverUrl: 'https://ghe.example',
      runId: '17',
      runAttempt: '2',
      workspace: '/work/ws',
      reportPath: '/work/temp/ipfs-pin-mirror/__self/report.json',
      summaryPath: '/work/temp/summary',
      isHosted: false,
      manual: true,
    })
    expect(config.snapshotDir).toBe('/work/ws/snap/shot')
  })

  test('has stand-ins outside a runner', () => {
    expect(read({}).github).toMatchObject({
      repository: undefined,
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
      workspace: process.cwd(),
      reportPath: expect.stringMatching(/\/ipfs-pin-mirror\/local\/report\.json$/),
      summaryPath: undefined,
      manual: false,
    })
    expect(read({}, { GITHUB_EVENT_NAME: 'schedule' }).github.manual).toBe(false)
  })
})
