import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GitHubContext } from './types.ts'

/**
 * What the runner says of the run. Never fails, so that a run with bad inputs can still write its report; outside a
 * runner the stand-ins are those of a run by hand in the working directory.
 */
export function readGitHubContext(env: NodeJS.ProcessEnv): GitHubContext {
  const of = (name: string, fallback: string) => env[name]?.trim() || fallback
  return Object.freeze({
    repository: env['GITHUB_REPOSITORY']?.trim() || undefined,
    apiUrl: of('GITHUB_API_URL', 'https://api.github.com').replace(/(?<!\/)\/+$/, ''),
    serverUrl: of('GITHUB_SERVER_URL', 'https://github.com').replace(/(?<!\/)\/+$/, ''),
    runId: of('GITHUB_RUN_ID', '0'),
    runAttempt: of('GITHUB_RUN_ATTEMPT', '1'),
    workspace: env['GITHUB_WORKSPACE']?.trim() || process.cwd(),
    reportPath: join(
      of('RUNNER_TEMP', tmpdir()),
      'ipfs-pin-mirror',
      of('GITHUB_ACTION', 'local'),
      'report.json',
    ),
    summaryPath: env['GITHUB_STEP_SUMMARY']?.trim() || undefined,
    isHosted: env['RUNNER_ENVIRONMENT'] === 'github-hosted',
    manual: env['GITHUB_EVENT_NAME'] === 'workflow_dispatch',
  })
}
