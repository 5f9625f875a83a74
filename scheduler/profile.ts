/** A profile: the name by which pods ask for a scheduler, and the plugins that it decides by. */
import { plugins, type WeightedPlugin } from './plugins.ts'

export interface Profile {
  readonly schedulerName: string
  readonly plugins: readonly WeightedPlugin[]
}

export const defaultProfile: Profile = { schedulerName: 'default-scheduler', plugins }
