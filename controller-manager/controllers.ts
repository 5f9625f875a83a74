/** The list of controllers: to add one is to add a line. */
import type { Controller } from '#client/controller.ts'
import type { FreeController } from '#client/controllers.ts'

/** What the command line says that single controllers ask for. */
export interface ControllerSettings {
  /** The authorities, in PEM form, that pods shall trust when they talk to the API server. */
  readonly rootAuthorities: string
}

export type AnyController = Controller | FreeController

export interface ListedController {
  /** As --controllers names it, which is as upstream does. */
  readonly name: string
  /** Service account in kube-system; upstream's role for it is system:controller:<account>. */
  readonly account: string
  readonly controller: AnyController | ((settings: ControllerSettings) => AnyController)
}

/** In the order of their names. */
export const controllers: readonly ListedController[] = []
