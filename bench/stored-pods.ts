/** A store on the real disk with pods in it, for the benches. */
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { systemDisk } from '#apiserver/store/file/disk.ts'
import { openFileStore } from '#apiserver/store/file/open-file-store.ts'
import type { Draft, Store } from '#apiserver/store/store.ts'
import { systemClock } from '#daemon/clock.ts'
import { systemRandom } from '#daemon/random.ts'

/** About what a small pod takes as JSON with its status. */
const POD_BYTES = 3_000
export const IN_FLIGHT = 32
export const PODS = '/registry/pods/'
const REPLICAS = 30
const NODES = 5_000

export function podDraft(index: number): Draft {
  const text = `{"metadata":{"name":"p-${index}"}}`.padEnd(POD_BYTES, ' ')
  return {
    key: `${PODS}default/web-${Math.floor(index / REPLICAS)}-${String(index).padStart(6, '0')}`,
    value: Buffer.from(text),
    labels: { app: `web-${Math.floor(index / REPLICAS)}`, 'pod-template-hash': '5d8c7b9f4' },
    fields: { 'spec.nodeName': `node-${index % NODES}`, 'status.phase': 'Running' },
  }
}

export function openBenchStore(directory: string): Promise<Store> {
  return openFileStore({
    directory,
    disk: systemDisk,
    clock: systemClock,
    random: systemRandom,
    warn: (message, fields) => console.warn(message, fields),
  })
}

/** Creates pods from `first` on, as many at once as given; returns milliseconds for each. */
export async function createPods(
  store: Store,
  first: number,
  count: number,
  inFlight = IN_FLIGHT,
): Promise<number[]> {
  const latencies: number[] = []
  let next = first
  const work = async (): Promise<void> => {
    while (next < first + count) {
      const draft = podDraft(next++)
      const begunAt = systemClock.monotonic()
      await store.create(draft)
      latencies.push(systemClock.monotonic() - begunAt)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, work))
  return latencies
}

/** Runs `body` on a fresh directory and removes it afterwards. */
export async function withDirectory<Result>(
  body: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'nanokube-bench-'))
  try {
    return await body(directory)
  } finally {
    await fs.rm(directory, { recursive: true })
  }
}
