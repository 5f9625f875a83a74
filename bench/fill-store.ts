/** Fills a directory with pods, in its own process, so that the memory it takes is not ours. */
import { createPods, openBenchStore } from './stored-pods.ts'

const [directory = '', pods = '0'] = process.argv.slice(2)
await using store = await openBenchStore(directory)
await createPods(store, 0, Number(pods), 1_000)
