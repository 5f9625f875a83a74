/** What befalls requests between a service and its server, and how often: drawn from a seed. */
import type { Random } from '#daemon/random.ts'

/** What happens to one request. */
export type Mishap =
  /** The connection breaks before the server has heard of it. */
  | 'unsent'
  /** The server does as told, and nobody hears of it. */
  | 'unheard'
  /** Too many requests: the server has done nothing. */
  | 'busy'
  /** An error in place of work. */
  | 'failed'
  /** The server does as told, and says that it failed. */
  | 'failed-after'
  /** Somebody else was quicker, which only changes can meet. */
  | 'conflict'
  /** No answer until the weather clears up. */
  | 'held'

export interface Weather {
  /** Of a thousand requests, how many are hit. */
  readonly perMille: number
  readonly mishaps: readonly Mishap[]
}

export const calm: Weather = { perMille: 0, mishaps: [] }

const kinds: readonly Weather[] = [
  { perMille: 150, mishaps: ['busy', 'failed'] },
  { perMille: 100, mishaps: ['conflict'] },
  { perMille: 100, mishaps: ['unsent', 'unheard'] },
  { perMille: 100, mishaps: ['failed-after'] },
  { perMille: 50, mishaps: ['held'] },
  { perMille: 150, mishaps: ['unsent', 'unheard', 'busy', 'failed', 'failed-after', 'conflict'] },
]

/** Half of the time nothing is wrong, or nobody would get anything done. */
export function drawWeather(random: Random): Weather {
  return random.below(2) === 0 ? calm : kinds[random.below(kinds.length)]!
}

/** What happens to the next request; usually nothing. */
export function mishapFor(
  { perMille, mishaps }: Weather,
  method: string,
  random: Random,
): Mishap | undefined {
  if (mishaps.length === 0 || random.below(1000) >= perMille) return undefined
  const mishap = mishaps[random.below(mishaps.length)]!
  const isChange = method === 'PUT' || method === 'PATCH'
  return mishap === 'conflict' && !isChange ? undefined : mishap
}
