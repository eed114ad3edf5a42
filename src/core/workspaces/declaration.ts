import type { UserRole } from '../../model/roles.ts'
import type { KeyScope, WorkspaceSettings } from '../../model/workspace.ts'

/** An api key with its secret in the clear, as a configuration file or the first start states it. */
export interface DeclaredKey {
  scope: KeyScope
  secret: string
  permissions: readonly string[]
}

/** A workspace as declared. */
export interface DeclaredWorkspace {
  name: string
  guid: string
  settings: WorkspaceSettings
  keys: readonly DeclaredKey[]
}

/** A user as declared; `workspaces` are names of declared workspaces. */
export interface DeclaredUser {
  email: string
  password: string
  role: UserRole
  workspaces: readonly string[]
}

/** What an installation should hold. */
export interface Declaration {
  workspaces: readonly DeclaredWorkspace[]
  users: readonly DeclaredUser[]
}
