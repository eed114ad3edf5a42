import type { StandardAttribute } from '../../../model/attributes.ts'
import type { ProfileWrite } from './schemas.ts'

/** Fields that are texts and have another or the same name in the product. */
export const TEXT_FIELDS = {
  email: 'email',
  phone: 'phone',
  firstName: 'firstName',
  lastName: 'lastName',
  displayName: 'displayName',
  avatarUrl: 'avatarUrl',
  birthDate: 'birthDate',
  company: 'company',
  city: 'city',
  address: 'address',
  zipCode: 'postalCode',
  province: 'region',
  countryCode: 'country',
} as const satisfies Partial<Record<keyof ProfileWrite, StandardAttribute>>

/** The vendor's word for a gender, by the product's. */
export const SEXES = { female: 'FEMALE', male: 'MALE', other: 'OTHER' } as const

/** Attribute names that clients cannot send; they are ignored. @source reference 0.7 */
export const RESERVED_ATTRIBUTES: ReadonlySet<string> = new Set(
  `email clientId phone customId uuid firstName lastName displayName company address city province zipCode countryCode
   birthDate sex avatarUrl anonymous agreements tags businessProfileId time ip source newsletter_agreement
   custom_identify firstname lastname created updated last_activity_date birthdate external_avatar_url displayname
   receive_smses receive_push_messages receive_webpush_messages receive_btooth_messages receive_rfid_messages
   receive_wifi_messages confirmation_hash ownerId anonymous_type country_id geo_loc_city geo_loc_country geo_loc_as
   geo_loc_country_code geo_loc_isp geo_loc_lat geo_loc_lon geo_loc_org geo_loc_query geo_loc_region
   geo_loc_region_name geo_loc_status geo_loc_timezone geo_loc_zip club_card_id type confirmed facebookId status`
    .split(/\s+/)
    .filter((name) => name !== ''),
)
