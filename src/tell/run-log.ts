import type * as Core from '@actions/core'
import type { Config } from '../config/types.ts'
import type { RequestEvents } from '../http/http.ts'
import type { Secrets } from '../secrets/secrets.ts'
import { logLine } from '../text/escape.ts'
import { sentLine, Waits } from '../text/lines/requests.ts'
import type { Log } from '../text/log.ts'

/** Who is asked, with the node where its address is known. */
type Named = Pick<Config, 'endpoint' | 'github'> & Partial<Pick<Config, 'nodeUrl'>>

type RunnerLog = Pick<typeof Core, 'info' | 'debug' | 'isDebug' | 'startGroup' | 'endGroup'>

/** The run's log, as the runner shows it. */
export function logTo(core: RunnerLog, secrets: Secrets): Log {
  /** Of a group that has no line yet. */
  let title: string | undefined
  // What is cut short is cut last: a piece of a secret is not known any more.
  const safe = (line: string) => logLine(secrets.redact(line))
  const begin = () => {
    if (title !== undefined) core.startGroup(title)
    title = undefined
  }
  return {
    info(line) {
      begin()
      core.info(safe(line))
    },
    debug(line) {
      if (!core.isDebug()) return
      begin()
      core.debug(safe(line()))
    },
    async group(name, work) {
      title = safe(name)
      try {
        return await work()
      } finally {
        if (title === undefined) core.endGroup()
        title = undefined
      }
    },
  }
}

/** Every request in the log of who looks for a fault, and in every log what is waited for. */
export function requestsTo(log: Log, isDebug: boolean, config?: Named): RequestEvents {
  const waits = new Waits(config === undefined ? monitor : namesIn(config))
  return {
    ...(isDebug && { onSent: (sent) => log.debug(() => sentLine(sent)) }),
    onWait: (wait) => {
      const line = waits.line(wait, performance.now())
      if (line !== null) log.info(line)
    },
  }
}

/** Its address is a secret: see `beat`. */
const monitor = [['heartbeat-url', 'the monitor']] as const

function namesIn({ endpoint, nodeUrl, github }: Named): [address: string, name: string][] {
  return [
    [endpoint.href, 'the service'],
    ...(nodeUrl === undefined ? [] : [[nodeUrl.href, 'the node'] as [string, string]]),
    [github.apiUrl, 'GitHub'],
  ]
}
