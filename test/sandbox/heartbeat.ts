import { type Answer, type RecordedRequest, SandboxServer } from './server.ts'

/** Starts a monitor, such as healthchecks.io, on loopback: it takes every ping and keeps it in `requests`. */
export function startHeartbeat(): Promise<HeartbeatSandbox> {
  return new HeartbeatSandbox().listen()
}

export class HeartbeatSandbox extends SandboxServer {
  /** The address to ping, with a secret in its path; `/fail` after it tells of a bad end. */
  get url(): string {
    return `${this.origin}/ping/8d1a4f0e-heartbeat-secret`
  }

  protected override answer({ method, path }: RecordedRequest): Answer {
    const known = new URL(this.url).pathname
    if (method !== 'GET') return { status: 405 }
    if (path !== known && path !== `${known}/fail`) return { status: 404, body: 'not found' }
    return { status: 200, body: 'OK' }
  }
}
