import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { peerIdOf, type SeenDelegate } from '../domain/delegate.ts'

/** The delegates that listings and answers bring: each distinct list once, and every address with its history. */
export class DelegateBook {
  readonly #findSet: StatementSync
  readonly #addSet: StatementSync
  readonly #see: StatementSync
  readonly #db: DatabaseSync
  readonly #addressesOf: StatementSync
  readonly #sets = new Map<string, number>()
  readonly #addresses = new Map<number, readonly string[]>()
  /** Addresses written in this run: a million requests share a few. */
  readonly #seen = new Set<string>()
  readonly #now: number

  /** @param now the instant of this run, ms: what is seen in it counts as seen then */
  constructor(db: DatabaseSync, now: number) {
    this.#now = now
    this.#db = db
    this.#findSet = db.prepare('SELECT id FROM delegate_set WHERE addrs = ?')
    this.#addSet = db.prepare('INSERT INTO delegate_set (addrs) VALUES (?)')
    this.#see = db.prepare(
      `INSERT INTO delegate (address, peer_id, first_seen, last_seen, example_cid) VALUES (?1, ?2, ?3, ?3, ?4)
       ON CONFLICT (address) DO UPDATE SET last_seen = excluded.last_seen`,
    )
    this.#addressesOf = db.prepare('SELECT addrs FROM delegate_set WHERE id = ?')
  }

  /** Notes the delegates of one request and returns the number of their list; `null` for an empty one. */
  note(addresses: readonly string[], cid: string): number | null {
    if (addresses.length === 0) return null
    const asGiven = addresses.join(' ')
    const known = this.#sets.get(asGiven)
    if (known !== undefined) return known
    for (const address of addresses) {
      if (this.#seen.has(address)) continue
      this.#see.run(address, peerIdOf(address) ?? null, this.#now, cid)
      this.#seen.add(address)
    }
    // The order says nothing: IPFS Cluster lists the same peers in any.
    const list = JSON.stringify([...addresses].sort())
    const row = this.#findSet.get(list) as { id: number } | undefined
    const id = row?.id ?? Number(this.#addSet.run(list).lastInsertRowid)
    this.#sets.set(asGiven, id)
    return id
  }

  /** The addresses of a list; a few lists serve a million requests. */
  addresses(set: number): readonly string[] {
    let addresses = this.#addresses.get(set)
    if (addresses === undefined) {
      const row = this.#addressesOf.get(set) as { addrs: string } | undefined
      addresses = row === undefined ? [] : (JSON.parse(row.addrs) as string[])
      this.#addresses.set(set, addresses)
    }
    return addresses
  }

  /** Forgets what it noted since the snapshot was rolled back. */
  forget(): void {
    this.#sets.clear()
    this.#seen.clear()
    this.#addresses.clear()
  }

  /** The addresses that requests of these buckets carry now. */
  seenIn(buckets: readonly { readonly name: string; readonly id: number }[]): SeenDelegate[] {
    const found = new Map<string, string[]>()
    const sets = this.#db.prepare(
      `SELECT DISTINCT delegates FROM request
       WHERE bucket = ? AND delegates IS NOT NULL AND vanished_in IS NULL`,
    )
    for (const { name, id } of buckets) {
      const ofBucket = sets.all(id).flatMap((row) => this.addresses(row['delegates'] as number))
      for (const address of new Set(ofBucket)) found.set(address, [...(found.get(address) ?? []), name])
    }
    const history = this.#db.prepare(
      `SELECT address, peer_id AS peerId, first_seen AS firstSeen, last_seen AS lastSeen, example_cid AS exampleCid
       FROM delegate ORDER BY first_seen, address`,
    )
    return (history.all() as unknown as Omit<SeenDelegate, 'buckets'>[]).flatMap((seen) => {
      const names = found.get(seen.address)
      return names === undefined ? [] : [{ ...seen, buckets: names }]
    })
  }
}
