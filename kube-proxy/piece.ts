/** What one owner, such as a Service, adds to a table of nftables. */

export interface Piece {
  /** The rules of each chain, in order. */
  readonly chains: ReadonlyMap<string, readonly string[]>
  /** What each set is, as nftables writes it between braces. */
  readonly sets: ReadonlyMap<string, string>
  /** By the set or map and the key, as elementKey() joins them: the value, empty in a set. */
  readonly elements: ReadonlyMap<string, string>
}

export interface ElementPlace {
  readonly set: string
  readonly key: string
}

export const elementKey = (set: string, key: string): string => `${set}\n${key}`

export function elementPlace(joined: string): ElementPlace {
  const end = joined.indexOf('\n')
  return { set: joined.slice(0, end), key: joined.slice(end + 1) }
}

/** A piece while it is being put together. */
export interface PieceDraft extends Piece {
  readonly chains: Map<string, readonly string[]>
  readonly sets: Map<string, string>
  readonly elements: Map<string, string>
}

export const newPiece = (): PieceDraft => ({
  chains: new Map(),
  sets: new Map(),
  elements: new Map(),
})
