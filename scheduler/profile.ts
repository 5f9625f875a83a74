/** A profile: the name by which pods ask for a scheduler, and the plugins that it decides by. */
import { plugins, type WeightedPlugin } from './plugins.ts'

export interface Profile {
  readonly schedulerName: string
  readonly plugins: readonly WeightedPlugin[]
  /** Of feasible nodes in a large cluster; 0 lets it depend on how large it is. */
  readonly percentageOfNodesToScore?: number
}

export const defaultProfile: Profile = { schedulerName: 'default-scheduler', plugins }
