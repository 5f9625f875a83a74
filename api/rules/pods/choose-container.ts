/** Which container a request for logs or a stream is about. */
import { Path } from '../../problems.ts'
import { eachContainer } from './each-container.ts'
import type { PodLike } from './pod.ts'

/** The name of the container, or why the request cannot be answered. */
export function chooseContainer(
  { metadata, spec }: PodLike,
  wanted: string | undefined,
): { name: string } | { refusal: string } {
  const names = [...eachContainer(spec, Path.root)].map(({ container }) => container.name)
  if (wanted) {
    if (names.includes(wanted)) return { name: wanted }
    return { refusal: `container ${wanted} is not valid for pod ${metadata.name}` }
  }
  const [only, ...others] = spec.containers ?? []
  if (only && !others.length) return { name: only.name }
  const choice = only ? `, choose one of: [${names.join(' ')}]` : ''
  return { refusal: `a container name must be specified for pod ${metadata.name}${choice}` }
}
