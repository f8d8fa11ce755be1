import { RpcError } from './rpc.ts'

export type PinType = 'recursive' | 'direct' | 'indirect'

export interface Pin {
  readonly type: PinType
  readonly name: string
  /** The recursive pin that an indirect one belongs to. */
  readonly through?: string
}

const types = ['direct', 'indirect', 'recursive', 'all']

/** The node's pins by CID. CIDv0 and CIDv1 of one thing are two pins, as in Kubo. */
export class Pinset extends Map<string, Pin> {
  /** What `pin/ls` lists of a type. */
  ofType(type: string): [string, Pin][] {
    checkType(type)
    return [...this].filter(([, pin]) => type === 'all' || pin.type === type)
  }

  /** One pin, as `pin/ls` with an argument looks for it. */
  find(cid: string, type: string, shown: string): Pin {
    checkType(type)
    const pin = this.get(cid)
    if (pin === undefined || (type !== 'all' && pin.type !== type))
      throw new RpcError(`path '${shown}' is not pinned`)
    return pin
  }
}

function checkType(type: string): void {
  if (!types.includes(type))
    throw new RpcError(`invalid type '${type}', must be one of {direct, indirect, recursive, all}`)
}
