/** Workspaces, their settings and what the configuration declares about them. */
export { applyDeclaration, isUntouched } from './apply.ts'
export { findWorkspace } from './find.ts'
export { maintain } from './retention.ts'
export { DEFAULT_SETTINGS } from './declaration.ts'
export type { Declaration, DeclaredKey, DeclaredUser, DeclaredWorkspace } from './declaration.ts'
