import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { sessionQuery } from './api/session.ts'
import { PATHS } from './paths.ts'
import { SEARCHES } from './searches.ts'
import { NotFound } from './shell/not-found.tsx'
import { RouteFailure } from './shell/route-failure.tsx'
import { RouteLoading } from './shell/route-loading.tsx'

interface Context {
  queryClient: QueryClient
}

const root = createRootRouteWithContext<Context>()({ notFoundComponent: NotFound })

/** Pages for whoever is not signed in yet. */
const signIn = createRoute({
  getParentRoute: () => root,
  path: PATHS.signIn,
  validateSearch: SEARCHES.signIn,
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
})
const googleReturn = createRoute({
  getParentRoute: () => root,
  path: PATHS.googleReturn,
  component: lazyRouteComponent(() => import('./pages/sign-in/google-return-page.tsx'), 'GoogleReturnPage'),
})

/** Everything behind the sign-in; whoever comes without a session is sent there and back. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'with-session',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session || session.needsCode) {
      throw redirect({ to: PATHS.signIn, search: { next: location.href } })
    }
  },
})
const workspaces = createRoute({
  getParentRoute: () => signedIn,
  path: PATHS.workspaces,
  validateSearch: SEARCHES.signIn,
  component: lazyRouteComponent(() => import('./pages/sign-in/workspaces-page.tsx'), 'WorkspacesPage'),
})

/** Everything inside a workspace, with the navigation around it. */
const inside = createRoute({
  getParentRoute: () => signedIn,
  id: 'in-workspace',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session?.workspace) throw redirect({ to: PATHS.workspaces, search: { next: location.href } })
  },
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
})

/** A page inside a workspace: its path, what its address holds, and its code, which is loaded when it is first shown. */
const page = <const Path extends string, Search>(
  path: Path,
  validateSearch: (search: Record<string, unknown>) => Search,
) => createRoute({ getParentRoute: () => inside, path, validateSearch })

const pages = [
  page(PATHS.overview, SEARCHES.overview).update({
    component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
  }),
  page(PATHS.connect, SEARCHES.connect).update({
    component: lazyRouteComponent(() => import('./pages/connect/connect-page.tsx'), 'ConnectPage'),
  }),
  page(PATHS.live, SEARCHES.live).update({
    component: lazyRouteComponent(() => import('./pages/live/live-page.tsx'), 'LivePage'),
  }),
  page(PATHS.rejections, SEARCHES.rejections).update({
    component: lazyRouteComponent(() => import('./pages/live/rejections-page.tsx'), 'RejectionsPage'),
  }),
  page(PATHS.profiles, SEARCHES.profiles).update({
    component: lazyRouteComponent(() => import('./pages/profiles/profiles-page.tsx'), 'ProfilesPage'),
  }),
  page(PATHS.profile, SEARCHES.profile).update({
    component: lazyRouteComponent(() => import('./pages/profile/profile-page.tsx'), 'ProfilePage'),
  }),
  page(PATHS.segments, SEARCHES.segments).update({
    component: lazyRouteComponent(() => import('./pages/segments/segments-page.tsx'), 'SegmentsPage'),
  }),
  page(PATHS.segmentDraft, SEARCHES.segmentDraft).update({
    component: lazyRouteComponent(
      () => import('./pages/segments/segment-draft-page.tsx'),
      'SegmentDraftPage',
    ),
  }),
  page(PATHS.segment, SEARCHES.segment).update({
    component: lazyRouteComponent(() => import('./pages/segments/segment-page.tsx'), 'SegmentPage'),
  }),
  page(PATHS.segmentEdit, SEARCHES.segmentEdit).update({
    component: lazyRouteComponent(() => import('./pages/segments/segment-edit-page.tsx'), 'SegmentEditPage'),
  }),
  page(PATHS.computed, SEARCHES.computed).update({
    component: lazyRouteComponent(() => import('./pages/computed/computed-page.tsx'), 'ComputedPage'),
  }),
  page(PATHS.imports, SEARCHES.imports).update({
    component: lazyRouteComponent(() => import('./pages/imports/imports-page.tsx'), 'ImportsPage'),
  }),
  page(PATHS.importDraft, SEARCHES.importDraft).update({
    component: lazyRouteComponent(() => import('./pages/imports/import-draft-page.tsx'), 'ImportDraftPage'),
  }),
  page(PATHS.import, SEARCHES.import).update({
    component: lazyRouteComponent(() => import('./pages/imports/import-page.tsx'), 'ImportPage'),
  }),
  page(PATHS.exports, SEARCHES.exports).update({
    component: lazyRouteComponent(() => import('./pages/exports/exports-page.tsx'), 'ExportsPage'),
  }),
  page(PATHS.exportDraft, SEARCHES.exportDraft).update({
    component: lazyRouteComponent(() => import('./pages/exports/export-draft-page.tsx'), 'ExportDraftPage'),
  }),
  page(PATHS.erasures, SEARCHES.erasures).update({
    component: lazyRouteComponent(() => import('./pages/erasures/erasures-page.tsx'), 'ErasuresPage'),
  }),
  page(PATHS.account, SEARCHES.account).update({
    component: lazyRouteComponent(() => import('./pages/settings/account-page.tsx'), 'AccountPage'),
  }),
  page(PATHS.users, SEARCHES.users).update({
    component: lazyRouteComponent(() => import('./pages/settings/users-page.tsx'), 'UsersPage'),
  }),
  page(PATHS.roles, SEARCHES.roles).update({
    component: lazyRouteComponent(() => import('./pages/settings/roles-page.tsx'), 'RolesPage'),
  }),
  page(PATHS.keys, SEARCHES.keys).update({
    component: lazyRouteComponent(() => import('./pages/settings/keys-page.tsx'), 'KeysPage'),
  }),
  page(PATHS.policies, SEARCHES.policies).update({
    component: lazyRouteComponent(() => import('./pages/settings/policies-page.tsx'), 'PoliciesPage'),
  }),
  page(PATHS.messages, SEARCHES.messages).update({
    component: lazyRouteComponent(() => import('./pages/settings/messages-page.tsx'), 'MessagesPage'),
  }),
  page(PATHS.outbox, SEARCHES.outbox).update({
    component: lazyRouteComponent(() => import('./pages/settings/outbox-page.tsx'), 'OutboxPage'),
  }),
  page(PATHS.audit, SEARCHES.audit).update({
    component: lazyRouteComponent(() => import('./pages/settings/audit-page.tsx'), 'AuditPage'),
  }),
  page(PATHS.workspace, SEARCHES.workspace).update({
    component: lazyRouteComponent(() => import('./pages/settings/workspace-page.tsx'), 'WorkspacePage'),
  }),
] as const

const routeTree = root.addChildren([
  signIn,
  googleReturn,
  signedIn.addChildren([workspaces, inside.addChildren(pages)]),
])

/** Opens the router. Code of a page is loaded when a pointer rests on a link to it. */
export function openRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: '/console',
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: RouteLoading,
    defaultErrorComponent: RouteFailure,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof openRouter>
  }
}
