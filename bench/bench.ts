/** What a bench is, how a figure is measured, and how its line reads. */

export interface Bench {
  /** Unique, and short enough for one column. */
  readonly name: string
  /** Unit of the figure, such as us, /s or MB. */
  readonly unit: string
  readonly better: 'lower' | 'higher'
  /** What the figure is compared with: a goal, or a peer measured on the same machine. */
  readonly against?: {
    readonly name: string
    /** A live peer is measured, on the same machine, right after. */
    readonly figure: number | (() => number | Promise<number>)
  }
  /** Runs once; gives the figure. */
  readonly measure: () => number | Promise<number>
}

const WARM_UP_MS = 200
const ROUND_MS = 100
const ROUNDS = 7

/** Nanoseconds one call takes: the median of several rounds after a warm-up. */
export async function nanosecondsPerCall(call: () => unknown): Promise<number> {
  const warmUp = await callsWithin(call, WARM_UP_MS)
  const calls = Math.max(1, Math.round((warmUp.calls * ROUND_MS) / warmUp.tookMs))
  const figures: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const begunAt = performance.now()
    for (let index = 0; index < calls; index++) {
      const result = call()
      if (result instanceof Promise) await result
    }
    figures.push(((performance.now() - begunAt) / calls) * 1e6)
  }
  return median(figures)
}

async function callsWithin(
  call: () => unknown,
  limitMs: number,
): Promise<{ calls: number; tookMs: number }> {
  const begunAt = performance.now()
  let calls = 0
  let tookMs = 0
  for (; tookMs < limitMs; tookMs = performance.now() - begunAt) {
    const result = call()
    if (result instanceof Promise) await result
    calls++
  }
  return { calls, tookMs }
}

export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

const NAME_WIDTH = 44
const FIGURE_WIDTH = 16

/** One line: name, figure, and how many times as good as what it is compared with. */
export async function benchLine(
  { name, unit, better, against }: Bench,
  figure: number,
): Promise<string> {
  const shown = `${roundFigure(figure)} ${unit}`
  const head = `${name.padEnd(NAME_WIDTH)}${shown.padStart(FIGURE_WIDTH)}`
  if (against === undefined) return head
  const peer = typeof against.figure === 'function' ? await against.figure() : against.figure
  const ratio = better === 'lower' ? peer / figure : figure / peer
  return `${head}   ${roundFigure(ratio)}x as good as ${against.name} (${roundFigure(peer)} ${unit})`
}

/** Three digits that mean something, thousands apart. */
function roundFigure(figure: number): string {
  const isSmall = Math.abs(figure) < 1000
  return figure.toLocaleString(
    'en-US',
    isSmall ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 },
  )
}
