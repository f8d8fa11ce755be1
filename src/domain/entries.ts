/** A list that may have a million entries: each is made as it is read, and all of them can be read again. */
export interface Entries<T> extends Iterable<T> {
  readonly length: number
}

/** Entries that each belong to a bucket. */
export interface BucketEntries<T extends { readonly bucket: string }> extends Entries<T> {
  /** The bucket of each, where that is known without making the entry: a tenth of the time. */
  buckets?(): Iterable<string>
}

/** Entries that each are of a CID. */
export interface CidEntries<T extends { readonly cid: string }> extends Entries<T> {
  /** The CID of each, where that is known without making the entry: a tenth of the time. */
  cids?(): Iterable<string>
}
