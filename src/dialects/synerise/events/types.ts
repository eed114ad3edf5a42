import type { TSchema } from 'typebox'
import { deprecated, implemented } from '../operation.ts'
import type { CallerKind, SyneriseOperation } from '../operation.ts'
import {
  APPLICATION,
  CART,
  COMPANY,
  FREE,
  LOCATION,
  ORDER,
  PRODUCT_VIEW,
  RECOMMENDATION,
  RECOMMENDATION_VIEW,
  SEARCH_CLICK,
} from './params.ts'

/** A type of event: everything that its own operation and the batch must know of it. */
export interface EventType {
  /** The end of its operation's path, and its `type` in a batch. */
  type: string
  title: string
  /** What its events are called; undefined where the sender says it. */
  action: string | undefined
  permission: string
  callers: readonly CallerKind[]
  /** The schema of its `params`. */
  params: TSchema
  /** The status of success. */
  status: 200 | 202
  /** The vendor asks clients to leave it. */
  deprecated?: SyneriseOperation['deprecated']
}

const EVERY: readonly CallerKind[] = ['W', 'P', 'A']

/** Those that a web page sends by its tracker key, and older clients by an AI key. */
const WITH_PUBLIC_KEYS: readonly CallerKind[] = [...EVERY, 'T', 'K']

/** Those that users send, too. */
const WITH_USERS: readonly CallerKind[] = [...EVERY, 'U']

type More = Partial<Pick<EventType, 'callers' | 'params' | 'status' | 'deprecated'>>

function row(
  type: string,
  title: string,
  action: string | undefined,
  permission: string,
  more: More = {},
): EventType {
  return { type, title, action, permission, callers: EVERY, params: FREE, status: 202, ...more }
}

/**
 * Every type of event: the one table that operations, routes and the batch are made of. Permissions are spelt as the
 * vendor spells them.
 * @source reference chapter 7; real-clients 10: completed-transaction
 * @assumed completed-transaction: action, permission and callers are those of its neighbour, as is its body in the public
 * client that has it; recommendation-view answers 200 like item-search-click (reference, "200?")
 */
export const EVENT_TYPES: readonly EventType[] = [
  row(
    'application-started',
    'Application started',
    'client.applicationStarted',
    'API_APPLICATION_STARTED_EVENTS_CREATE',
    { params: APPLICATION },
  ),
  row('registered', 'Profile account registered', 'client.register', 'API_REGISTERED_EVENTS_CREATE'),
  row('logged-in', 'Profile logged in', 'client.login', 'API_LOGGED_IN_EVENTS_CREATE'),
  row('logged-out', 'Profile logged out', 'client.logout', 'API_LOGGED_OUT_EVENTS_CREATE'),
  row('added-to-cart', 'Item added to cart', 'product.addToCart', 'API_ADDED_TO_CART_EVENTS_CREATE', {
    params: CART,
  }),
  row(
    'removed-from-cart',
    'Item removed from cart',
    'product.removeFromCart',
    'API_REMOVED_FROM_CART_EVENTS_CREATE',
    { params: CART },
  ),
  row(
    'added-to-favorites',
    'Product added to favorites',
    'product.addToFavorite',
    'API_ADDED_TO_FAVORITES_EVENTS_CREATE',
  ),
  row('product-view', 'Item viewed', 'product.view', 'API_PRODUCT_VIEW_EVENTS_CREATE', {
    params: PRODUCT_VIEW,
  }),
  row(
    'assigned-to-company',
    'Profile assigned to company',
    'client.assignToCompany',
    'API_ASSIGNED_TO_COMPANY_EVENTS_CREATE',
    { callers: WITH_USERS, params: COMPANY },
  ),
  row(
    'appeared-in-location',
    'Profile logged location',
    'client.location',
    'API_APPEARED_IN_LOCATION_EVENTS_CREATE',
    { params: LOCATION },
  ),
  row(
    'push/received',
    'Push notification received',
    'push.receiveInBackground',
    'API_PUSH_RECIVED_EVENTS_CREATE',
  ),
  row('push/viewed', 'Push notification viewed', 'push.view', 'API_PUSH_VIEWED_EVENTS_CREATE'),
  row('push/clicked', 'Push notification clicked', 'push.click', 'API_PUSH_CLICKED_EVENTS_CREATE'),
  row('push/cancelled', 'Push notifications cancelled', 'push.cancel', 'API_PUSH_CANCELLED_EVENTS_CREATE'),
  row(
    'cancelled-transaction',
    'Transaction cancelled',
    'transaction.cancel',
    'API_CANCELLED_TRANSACTION_EVENTS_CREATE',
    { callers: ['W'], params: ORDER },
  ),
  row(
    'completed-transaction',
    'Transaction completed',
    'transaction.charge',
    'API_COMPLETED_TRANSACTION_EVENTS_CREATE',
    { callers: ['W'], params: ORDER },
  ),
  row('hit-timer', 'Timer hit', 'client.hitTimer', 'API_HIT_TIMER_EVENTS_CREATE'),
  row('searched', 'Search requested', 'client.search', 'API_SEARCHED_EVENTS_CREATE'),
  row('shared', 'Content shared', 'client.shared', 'API_SHARED_EVENTS_CREATE'),
  row(
    'recommendation-seen',
    'Recommendation viewed (Deprecated)',
    'recommendation.seen',
    'API_RECOMENDATION_SEEN_EVENTS_CREATE',
    { callers: WITH_PUBLIC_KEYS, params: RECOMMENDATION, ...deprecated('recommendation-view-event') },
  ),
  row(
    'recommendation-click',
    'Recommendation clicked (Deprecated)',
    'recommendation.click',
    'API_RECOMMENDATION_CLICK_EVENTS_CREATE',
    { callers: WITH_PUBLIC_KEYS, params: RECOMMENDATION, ...deprecated() },
  ),
  row('visited-screen', 'Mobile app screen visited', 'screen.view', 'API_VISITED_SCREEN_EVENTS_CREATE'),
  row('custom', 'Custom event', undefined, 'API_CUSTOM_EVENTS_CREATE', { callers: WITH_USERS }),
  row(
    'recommendation-view',
    'Recommendation viewed',
    'recommendation.view',
    'API_RECOMMENDATION_VIEW_EVENT_CREATE',
    { callers: WITH_PUBLIC_KEYS, params: RECOMMENDATION_VIEW, status: 200 },
  ),
  row(
    'item-search-click',
    'Search result clicked',
    'item.search.click',
    'API_ITEM_SEARCH_CLICK_EVENT_CREATE',
    { callers: WITH_PUBLIC_KEYS, params: SEARCH_CLICK, status: 200 },
  ),
]

/** The id of the operation that takes events of this type. */
export function operationIdOf({ type }: EventType): string {
  return `${type.replace('/', '-')}-event`
}

/** The operation of a type; users need the group of activities. @source reference chapter 7 */
export function operationOfType(eventType: EventType): SyneriseOperation {
  const { type, title, callers, permission, deprecated: leave } = eventType
  const forUsers = callers.includes('U') ? ({ role: 'CLIENT_ACTIVITIES', act: 'create' } as const) : {}
  return implemented(operationIdOf(eventType), `POST /v4/events/${type}`, title, {
    callers,
    permission,
    ...forUsers,
    ...(leave && { deprecated: leave }),
  })
}

/**
 * The type that an item of a batch names; undefined when there is none.
 * @assumed the vendor does not print how the four push events are spelt in a batch: `push/viewed` and `push-viewed` are taken
 */
export function eventTypeOf(type: string): EventType | undefined {
  return TYPES.get(type)
}

const TYPES = new Map(
  EVENT_TYPES.flatMap((eventType) => [
    [eventType.type, eventType] as const,
    [eventType.type.replace('/', '-'), eventType] as const,
  ]),
)
