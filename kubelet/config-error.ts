/** Why a container cannot be made from its spec. */

/** What a container asks for is not there: its state says CreateContainerConfigError. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
