/** `nanokube snapshot save|restore|list`: the whole state of a cluster in one file. */
import { cp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { epochToTime } from '#api/time.ts'
import { option } from '#daemon/options.ts'
import { bringUp, bringUpFlags, checkEngine } from '../bring-up.ts'
import { clusterFlags, engineFlags, existingHere, filesOf } from '../chosen-cluster.ts'
import { readCluster } from '../cluster.ts'
import { clustersDirectory } from '../cluster-files.ts'
import { lockCluster } from '../cluster-lock.ts'
import { CommandError, defineCommand } from '../command.ts'
import { newCluster } from '../new-cluster.ts'
import {
  findSnapshot,
  listSnapshots,
  packSnapshot,
  readFacts,
  snapshotName,
  unpackSnapshot,
} from '../snapshot-file.ts'
import { copyStore } from '../store-copy.ts'

const SERVER = 'apiserver'
const PKI = 'pki'

const snapshotFlags = {
  'Snapshot flags': {
    'snapshot-dir': option.text({
      help: 'Directory of snapshots; unless given, one beside the clusters, which outlives them.',
    }),
  },
}

const directoryOf = ({ snapshotDir }: { readonly snapshotDir: string | undefined }): string =>
  snapshotDir ?? join(clustersDirectory(process.getuid?.() === 0), '.snapshots')

export const snapshotSave = defineCommand({
  name: 'snapshot save',
  summary: 'Saves all objects and keys of a cluster, also while it runs.',
  words: { usage: '[FILE]', min: 0, max: 1 },
  options: { ...clusterFlags, ...snapshotFlags },
  async run(values, [file], { clock, progress }) {
    const { files, cluster } = await existingHere(values)
    const madeAt = epochToTime(Math.floor(clock.now() / 1000))
    const path = file ?? join(directoryOf(values), snapshotName(cluster.name, madeAt))
    await progress.step('Store and keys copied', () =>
      packSnapshot(path, { madeAt, cluster }, async (content) => {
        await copyStore(files.apiServer, join(content, SERVER))
        // Kubeconfigs say where this server is: each server writes its own.
        const filter = (source: string): boolean => !source.endsWith('.kubeconfig')
        await cp(files.pki, join(content, SERVER, PKI), { recursive: true, filter })
      }),
    )
    progress.report({ type: 'saved', cluster: cluster.name, snapshot: path }, path)
    progress.advise(
      'It holds the keys of the cluster: keep it to yourself. It does not hold what pods wrote ' +
        'into volumes.',
    )
  },
})

export const snapshotRestore = defineCommand({
  name: 'snapshot restore',
  summary: 'Makes a new cluster of a snapshot.',
  words: { usage: 'SNAPSHOT', min: 1, max: 1 },
  options: {
    ...clusterFlags,
    ...engineFlags,
    ...snapshotFlags,
    'Flags of a new cluster': {
      'api-port': option.port({
        help: 'Port of the API server; the first free one from 6443 on unless given.',
      }),
    },
    ...bringUpFlags,
  },
  async run(values, [word = ''], context) {
    const files = filesOf(values)
    const path = await findSnapshot(directoryOf(values), word)
    const { cluster: source } = await readFacts(path)
    if (source.nodes.length > 0) await checkEngine(values.engine)
    using lock = await lockCluster(files, context)
    if (await readCluster(files.cluster)) {
      throw new CommandError(
        `cluster "${values.name}": there is one in ${files.directory}`,
        'Choose another name: --name. Or remove that cluster first: nanokube delete',
      )
    }
    await context.progress.step(`Unpacked ${basename(path)}`, async () => {
      // An attempt that was interrupted may have left half of it.
      await rm(files.apiServer, { recursive: true, force: true })
      await unpackSnapshot(path, files.directory)
    })
    const nodeNames = source.nodes.map(({ name }) => name)
    const wishes = { ...values, nodeNames, hollow: source.hollowNodes }
    const cluster = await newCluster(wishes, files, context)
    await bringUp(cluster, files, values, context, lock)
  },
})

export const snapshotList = defineCommand({
  name: 'snapshot list',
  summary: 'Lists the snapshots that there are.',
  options: snapshotFlags,
  async run(values, _words, { progress }) {
    const snapshots = await listSnapshots(directoryOf(values))
    const rows = snapshots.map(({ path, bytes, facts }) => ({
      name: basename(path),
      path,
      bytes,
      madeAt: facts.madeAt,
      cluster: facts.cluster.name,
    }))
    const lines = rows.map(
      ({ name, bytes, cluster }) => `${name}  ${Math.ceil(bytes / 1024)} KiB  of "${cluster}"`,
    )
    progress.report({ snapshots: rows }, lines.join('\n'))
  },
})
