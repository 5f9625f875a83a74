/** Tells whether a running container is still the one that its pod wants. */
import { createHash } from 'node:crypto'
import type { Container } from '#api/parts/core/container.ts'

const LENGTH = 16

/** Of what may change in a running pod and cannot change in a running container: the image. */
export function containerHash({ name, image }: Pick<Container, 'name' | 'image'>): string {
  return createHash('sha256').update(JSON.stringify({ name, image })).digest('hex').slice(0, LENGTH)
}
