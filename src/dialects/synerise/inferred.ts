/** An operation whose method and path nobody prints: what this project chose, and after what. */
interface InferredRoute {
  /** Method and path. */
  route: string
  /** A phrase for the table of README.md. */
  because: string
}

const STEP = 'a step of the registration, below its path and in the words of its permission'

const PHONE =
  'its neighbours of own data are below `/v4/my-account`; request and confirmation as for the e-mail'

const RESET =
  'an account without a login, so below `/sauth/clients`; request and confirmation as for the e-mail'

const DELETION = 'below the path of the other deletions, with the provider of its permission'

/**
 * Method and path of every operation that the reference describes without printing them, by the operation's id: the only place
 * that has them, and the first to look at when a client of the vendor calls another one.
 * @assumed all of them, from the pattern of their printed neighbours; README.md has the same list
 * @source reference chapter 8, nos. 1 and 2
 */
export const INFERRED = {
  'confirm-registration-pin': {
    route: 'POST /sauth/clients/registered/pin-code/confirmation',
    because: STEP,
  },
  'resend-registration-pin': { route: 'POST /sauth/clients/registered/pin-code/resend', because: STEP },
  'activate-account': { route: 'POST /sauth/clients/registered/confirmation', because: STEP },
  'resend-confirmation': { route: 'POST /sauth/clients/registered/confirmation/resend', because: STEP },
  'request-phone-change': { route: 'POST /v4/my-account/phone-update/request', because: PHONE },
  'confirm-phone-change': { route: 'POST /v4/my-account/phone-update/confirmation', because: PHONE },
  'request-password-reset': { route: 'POST /sauth/clients/password-reset/request', because: RESET },
  'confirm-password-reset': { route: 'POST /sauth/clients/password-reset/confirmation', because: RESET },
  'change-password': {
    route: 'POST /sauth/my-account/change-password',
    because: 'its tail stands in a sample of an error',
  },
  'delete-account': {
    route: 'POST /sauth/v2/my-account/delete',
    because: 'the successor of `/sauth/my-account/delete` is its second version',
  },
  'request-email-change': {
    route: 'POST /sauth/v2/my-account/email-change/request',
    because: 'the successor of `/sauth/my-account/email-change/request` is its second version',
  },
  'logout-own': { route: 'POST /sauth/my-account/logout', because: 'the tail of the logout by a server' },
  'confirm-email-change': {
    route: 'POST /sauth/my-account/email-change/confirmation',
    because: 'the request is at `/sauth/my-account/email-change/request`',
  },
  'request-email-change-facebook': {
    route: 'POST /sauth/my-account/email-change/request-by-facebook',
    because: 'the request is at `/sauth/my-account/email-change/request`',
  },
  'delete-account-oauth': { route: 'POST /sauth/my-account/delete-by-oauth', because: DELETION },
  'delete-account-apple': { route: 'POST /sauth/my-account/delete-by-apple', because: DELETION },
  'delete-account-facebook': { route: 'POST /sauth/my-account/delete-by-facebook', because: DELETION },
  'delete-account-v1': {
    route: 'POST /sauth/my-account/delete',
    because: 'an act about the own account, named like its permission',
  },
  'update-tag': { route: 'PUT /v4/tags/:tagID', because: 'the path is that of the removal; PUT is a guess' },
  'recommendation-view-event': {
    route: 'POST /v4/events/recommendation-view',
    because: 'named as `item-search-click` is',
  },
} as const satisfies Record<string, InferredRoute>
