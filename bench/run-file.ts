/** Runs the benches of one file; a process of its own keeps their memory and warm code apart. */
import { type Bench, benchLine } from './bench.ts'

const [file = '', ...words] = process.argv.slice(2)
const { benches } = (await import(new URL(file, import.meta.url).href)) as {
  benches: readonly Bench[]
}
if (!Array.isArray(benches)) throw new Error(`${file}: wanted an export named "benches"`)

for (const bench of benches) {
  const wanted = words.length === 0 || words.some((word) => `${file} ${bench.name}`.includes(word))
  if (wanted) console.log(await benchLine(bench, await bench.measure()))
}
