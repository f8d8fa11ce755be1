import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SeenDelegate } from '../domain/delegate.ts'
import { mostDelegates } from '../domain/delegate-bounds.ts'
import { type KeptPeers, peersIn } from '../domain/kept-peers.ts'

const most = { ...mostDelegates, lists: 20_000, listsLength: 20_000_000 }

/** The delegates that requests carry: each different list once, and every address with when it was seen. */
export class DelegateBook {
  readonly #db: DatabaseSync
  readonly #now: number
  readonly #findList: StatementSync
  readonly #addList: StatementSync
  readonly #see: StatementSync
  readonly #forgetAddress: StatementSync
  readonly #addressesOf: StatementSync
  /** The number of each list, by its text as requests give it: a million requests share a few lists. */
  readonly #lists = new Map<string, number | null>()
  readonly #addresses = new Map<number, readonly string[]>()
  /** Most requests carry the same list as the one before: comparing the two takes less time than looking it up. */
  #last: { readonly addresses: readonly string[]; readonly id: number | null } | undefined
  /** The addresses that the snapshot has; read when they are first needed. */
  #kept: KeptPeers | undefined
  /** How many more lists may be kept, and how long they may be together. */
  #room: { readonly lists: number; readonly length: number }

  /** @param now when this run began, ms: all that it sees counts as seen then */
  constructor(db: DatabaseSync, now: number) {
    this.#db = db
    this.#now = now
    this.#findList = db.prepare('SELECT id FROM delegate_set WHERE addrs = ?')
    this.#addList = db.prepare('INSERT INTO delegate_set (addrs) VALUES (?)')
    this.#see = db.prepare(
      `INSERT INTO delegate (address, peer_id, first_seen, last_seen, example_cid) VALUES (?1, ?2, ?3, ?3, ?4)
       ON CONFLICT (address) DO UPDATE SET last_seen = excluded.last_seen`,
    )
    this.#forgetAddress = db.prepare('DELETE FROM delegate WHERE address = ?')
    this.#addressesOf = db.prepare('SELECT addrs FROM delegate_set WHERE id = ?')
    this.#room = this.#roomForLists()
  }

  /** For how many addresses of this run there was no room; counted up to a bound. */
  get leftOut(): number {
    return this.#kept?.leftOut ?? 0
  }

  /** Notes the delegates of one request and returns the number of their list; `null` where none of them is kept. */
  note(addresses: readonly string[], cid: string): number | null {
    if (addresses.length === 0) return null
    const last = this.#last
    if (last !== undefined && isSame(last.addresses, addresses)) return last.id
    const id = this.#noteList(addresses, cid)
    this.#last = { addresses, id }
    return id
  }

  #noteList(addresses: readonly string[], cid: string): number | null {
    const some = addresses.slice(0, most.perRequest)
    const asGiven = some.join(' ')
    const known = this.#lists.get(asGiven)
    if (known !== undefined) return known
    const id = this.#idOf(some.filter((address) => this.#writeDown(address, cid)))
    if (this.#lists.size >= most.memo) this.#lists.clear()
    this.#lists.set(asGiven, id)
    return id
  }

  /** The addresses of a list; a few lists serve a million requests, and the same list is given each time. */
  addresses(list: number): readonly string[] {
    let addresses = this.#addresses.get(list)
    if (addresses === undefined) {
      const row = this.#addressesOf.get(list) as { addrs: string } | undefined
      addresses = row === undefined ? [] : (JSON.parse(row.addrs) as string[])
      this.#addresses.set(list, addresses)
    }
    return addresses
  }

  /** Forgets what it noted since the snapshot was rolled back. */
  forget(): void {
    this.#last = undefined
    this.#lists.clear()
    this.#addresses.clear()
    this.#kept = undefined
    this.#room = this.#roomForLists()
  }

  /** The addresses that requests of these buckets carry now. */
  seenIn(
    buckets: readonly { readonly name: string; readonly delegateLists: ReadonlySet<number> }[],
  ): SeenDelegate[] {
    const found = new Map<string, Set<string>>()
    for (const { name, delegateLists } of buckets)
      for (const list of delegateLists)
        for (const address of this.addresses(list)) {
          const names = found.get(address) ?? new Set()
          found.set(address, names.add(name))
        }
    const history = this.#db.prepare(
      `SELECT address, peer_id AS peerId, first_seen AS firstSeen, last_seen AS lastSeen, example_cid AS exampleCid
       FROM delegate ORDER BY first_seen, address`,
    )
    return (history.all() as unknown as Omit<SeenDelegate, 'buckets'>[]).flatMap((seen) => {
      const names = found.get(seen.address)
      return names === undefined ? [] : [{ ...seen, buckets: [...names] }]
    })
  }

  /** Writes an address down as seen now, unless there is no room for it. */
  #writeDown(address: string, cid: string): boolean {
    this.#kept ??= peersIn(
      this.#db
        .prepare('SELECT address, peer_id AS peerId, last_seen AS lastSeen FROM delegate')
        .all() as never,
      this.#now,
    )
    const { peerId, replaces, isNews } = this.#kept.see(address)
    if (peerId === undefined) return false
    if (replaces !== undefined) for (const old of replaces) this.#forgetAddress.run(old)
    if (isNews) this.#see.run(address, peerId, this.#now, cid)
    return true
  }

  #idOf(addresses: readonly string[]): number | null {
    if (addresses.length === 0) return null
    // The order means nothing: IPFS Cluster lists the same peers in any order.
    const list = JSON.stringify(addresses.toSorted())
    const row = this.#findList.get(list) as { id: number } | undefined
    if (row !== undefined) return row.id
    const { lists, length } = this.#room
    if (lists === 0 || length < list.length) return null
    this.#room = { lists: lists - 1, length: length - list.length }
    return Number(this.#addList.run(list).lastInsertRowid)
  }

  /** How much room there is. Where little is left, lists that no request carries any more are deleted first. */
  #roomForLists(): { lists: number; length: number } {
    const room = () => {
      const kept = this.#db.prepare('SELECT count(*) AS n, total(length(addrs)) AS length FROM delegate_set')
      const { n, length } = kept.get() as { n: number; length: number }
      return { lists: Math.max(0, most.lists - n), length: Math.max(0, most.listsLength - length) }
    }
    const before = room()
    if (this.#db.isTransaction || (before.lists > 0 && before.length > most.listsLength / 10)) return before
    this.#db.exec(
      `DELETE FROM delegate_set
       WHERE id NOT IN (SELECT delegates FROM request WHERE delegates IS NOT NULL)`,
    )
    return room()
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((address, index) => address === other[index])
}
