/** Workspaces, their settings, how they are managed and what the configuration declares about them. */
export { applyDeclaration, isUntouched } from './apply.ts'
export { findWorkspace, getWorkspace } from './find.ts'
export { maintain } from './retention.ts'
export { DEFAULT_SETTINGS, pickCommonSettings } from './settings.ts'
export { openWorkspaces } from './manage.ts'
export type { ManagedWorkspace, Workspaces } from './manage.ts'
export type { Declaration, DeclaredKey, DeclaredUser, DeclaredWorkspace } from './declaration.ts'
