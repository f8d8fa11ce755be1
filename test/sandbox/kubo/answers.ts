import { type CidKey, cidV1, type PinCid, parseCid } from '../../../src/domain/cid.ts'
import type { Answer } from '../server.ts'
import { RpcError } from './rpc.ts'

export const notFound = (key: CidKey) =>
  `block was not found locally (offline): ipld: could not find ${cidV1(key)}`

export const accessDenied =
  'Kubo RPC Access Denied: Please provide a valid authorization token as defined in the API.Authorizations configuration.'

export function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body }
}

export class MissingArgument extends Error {
  override name = 'MissingArgument'
}

export function needed(args: readonly string[], name = ''): readonly string[] {
  if (args.length === 0) throw new MissingArgument(`argument ${name === '' ? '' : `"${name}" `}is required`)
  return args
}

export function readCid(path: string): PinCid {
  const cid = parseCid(path.replace(/^\/ipfs\//, ''))
  if (cid === undefined) throw new RpcError(`invalid path "${path}": path does not have enough components`)
  return cid
}

/** Kubo writes CIDv1 in base32, whatever it was given. */
export function shownCid(cid: PinCid): string {
  return cid.text.startsWith('Qm') ? cid.text : cidV1(cid.key)
}
