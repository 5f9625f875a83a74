/** Paths inside volumes and on nodes: none may lead out of the place it is meant for. */
import type { Path, Problems } from '../problems.ts'

/** One problem is enough to make the point, however often a path steps back. */
export function checkNoBacksteps(path: string, at: Path, problems: Problems): void {
  if (path.includes('..') && path.split('/').includes('..')) {
    problems.invalid(at, path, "must not contain '..'")
  }
}

/** A relative path that stays below where it starts. */
export function checkDescendingPath(path: string, at: Path, problems: Problems): void {
  if (path.startsWith('/')) problems.invalid(at, path, 'must be a relative path')
  checkNoBacksteps(path, at, problems)
}

/** A descending path outside the names that the kubelet keeps for itself, such as `..data`. */
export function checkFilePath(path: string, at: Path, problems: Problems): void {
  checkDescendingPath(path, at, problems)
  if (path.startsWith('..') && !path.startsWith('../')) {
    problems.invalid(at, path, "must not start with '..'")
  }
}
