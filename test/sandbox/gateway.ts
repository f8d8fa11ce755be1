import { type Answer, type RecordedRequest, SandboxServer } from './server.ts'

/** Starts a trustless gateway on loopback that has what `carOf` gives, as CARs. */
export function startGateway(carOf: (cid: string) => Uint8Array | undefined): Promise<SandboxGateway> {
  return new SandboxGateway(carOf).listen()
}

/** A trustless gateway: https://specs.ipfs.tech/http-gateways/trustless-gateway/ */
export class SandboxGateway extends SandboxServer {
  readonly #carOf: (cid: string) => Uint8Array | undefined

  constructor(carOf: (cid: string) => Uint8Array | undefined) {
    super()
    this.#carOf = carOf
  }

  get url(): string {
    return this.origin
  }

  protected override answer({ method, path, query, headers }: RecordedRequest): Answer {
    const [, cid] = /^\/ipfs\/([^/]+)$/.exec(path) ?? []
    const isCar = headers.accept === 'application/vnd.ipld.car' && query.get('format') === 'car'
    if (method !== 'GET' || cid === undefined || !isCar) return { status: 400, body: 'only CARs are given' }
    const car = this.#carOf(cid)
    if (car === undefined) return { status: 404, body: `no link named ${cid}` }
    return { status: 200, headers: { 'content-type': 'application/vnd.ipld.car' }, body: car }
  }
}
