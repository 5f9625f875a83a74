/** Draws free numbers from a range: at random, and from its upper part as long as that has some. */
import type { Random } from '#daemon/random.ts'

/** A range of whole numbers, both ends included. The lower part is left for those who choose. */
export interface Band {
  readonly first: bigint
  readonly last: bigint
  /** How many numbers the lower part has. */
  readonly reserved: bigint
}

/** As upstream: a share of the range, but not too few and not too many. */
export function reservedOf(size: bigint, { share, least, most }: ReservedRule): bigint {
  if (size <= least) return 0n
  const wanted = size / share
  return wanted < least ? least : wanted > most ? most : wanted
}

export interface ReservedRule {
  readonly share: bigint
  readonly least: bigint
  readonly most: bigint
}

/** Undefined when all are taken. */
export function drawFree(
  { first, last, reserved }: Band,
  random: Random,
  isTaken: (value: bigint) => boolean,
): bigint | undefined {
  const middle = first + reserved
  return (
    drawFrom(middle, last, random, isTaken) ??
    (reserved > 0n ? drawFrom(first, middle - 1n, random, isTaken) : undefined)
  )
}

function drawFrom(
  first: bigint,
  last: bigint,
  random: Random,
  isTaken: (value: bigint) => boolean,
): bigint | undefined {
  const size = last - first + 1n
  if (size <= 0n) return undefined
  const start = belowBig(random, size)
  for (let step = 0n; step < size; step++) {
    const value = first + ((start + step) % size)
    if (!isTaken(value)) return value
  }
  return undefined
}

/** Nearly even is enough: the draw only spreads addresses out. */
function belowBig(random: Random, bound: bigint): bigint {
  const word = (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())
  return word % bound
}
