/** What a container mounts of the volumes of its pod, and at which paths. */
import type { VolumeMount } from '#api/parts/core/container.ts'
import { ConfigError } from './config-error.ts'
import type { Variable } from './environment.ts'
import { expand } from './expand.ts'
import type { Mount } from './runtime.ts'
import { pathBelow } from './volumes/sub-path.ts'
import type { MountableVolume } from './volumes/volume-type.ts'

export interface MountContext {
  readonly container: string
  readonly volumes: ReadonlyMap<string, MountableVolume>
  readonly environment: readonly Variable[]
  readonly nodeRoot: string
}

/** Throws ConfigError, as a container without its mounts cannot be created. */
export async function mountFor(mount: VolumeMount, context: MountContext): Promise<Mount> {
  const { name, mountPath, readOnly, mountPropagation } = mount
  const volume = context.volumes.get(name)
  if (!volume || volume.device !== undefined) {
    const where = `to mount into container "${context.container}"`
    throw new ConfigError(`cannot find volume "${name}" ${where}`)
  }
  checkRecursiveReadOnly(mount)
  return {
    source: await sourceOf(mount, volume, context),
    containerPath: mountPath.startsWith('/') ? mountPath : `/${mountPath}`,
    isReadOnly: (readOnly ?? false) || volume.isReadOnly,
    ...(mountPropagation && { propagation: propagations[mountPropagation] ?? 'private' }),
  }
}

const propagations: Readonly<Record<string, Mount['propagation']>> = {
  Bidirectional: 'rshared',
  HostToContainer: 'rslave',
}

async function sourceOf(
  mount: VolumeMount,
  volume: MountableVolume,
  context: MountContext,
): Promise<Mount['source']> {
  const subPath = subPathOf(mount, context.environment)
  if (!subPath) return volume.source
  const where = `volumeMount "${mount.name}" of container "${context.container}"`
  if ('memoryVolume' in volume.source) {
    throw new ConfigError(`subPath for ${where}: a volume in memory is mounted as a whole or not`)
  }
  const root = volume.isOfNode ? context.nodeRoot : ''
  try {
    return { path: await pathBelow(root, volume.source.path, subPath) }
  } catch (error) {
    // What is wrong would tell about the files of the node.
    throw new ConfigError(`failed to prepare subPath for ${where}`, { cause: error })
  }
}

export function subPathOf(
  { subPath = '', subPathExpr = '' }: Pick<VolumeMount, 'subPath' | 'subPathExpr'>,
  environment: readonly Variable[],
): string {
  const path = subPathExpr ? expandedPath(subPathExpr, environment) : subPath
  if (path.startsWith('/')) {
    throw new ConfigError(`error SubPath \`${path}\` must not be an absolute path`)
  }
  if (path.split('/').includes('..')) {
    throw new ConfigError(`unable to provision SubPath \`${path}\`: must not contain '..'`)
  }
  return path
}

/** Every variable has to have a value: half a path would be somebody else's. */
function expandedPath(expression: string, environment: readonly Variable[]): string {
  const values = new Map(environment.map(({ name, value }) => [name, value]))
  const missing = new Set<string>()
  const path = expand(expression, (name) => {
    const value = values.get(name) ?? ''
    if (!value) missing.add(name)
    return value
  })
  if (missing.size === 0) return path
  throw new ConfigError(`missing value for ${[...missing].sort().join(', ')}`)
}

function checkRecursiveReadOnly(mount: VolumeMount): void {
  const { name, recursiveReadOnly = 'Disabled', readOnly, mountPropagation = 'None' } = mount
  if (recursiveReadOnly === 'Disabled') return
  const refuse = (why: string): never => {
    const wish = `volume "${name}" requested recursive read-only mode`
    throw new ConfigError(`failed to resolve recursive read-only mode: ${wish}, but it is ${why}`)
  }
  if (!readOnly) refuse('not read-only')
  if (mountPropagation !== 'None') refuse(`not compatible with propagation "${mountPropagation}"`)
  if (recursiveReadOnly === 'Enabled') refuse('not supported by the runtime')
}
