// What differs between the services, beside their operations.

export interface Service {
  /** As the AWS SDK names its client: `DynamoDB`, … */
  readonly name: string
  /** In the names of environment variables: `AWS_ENDPOINT_URL_<id>`. */
  readonly id: string
  /** The first label of its host names. */
  readonly prefix: string
  /** In signatures. */
  readonly signingName: string
  /** S3 says dual stack by a label of its own. */
  readonly dualstackInfix?: string
  /** Its plain endpoints of GovCloud are FIPS ones. */
  readonly govFips?: true | 'and dual stack'
  /** Its plain endpoints are dual stack, in most partitions. */
  readonly plainDualstack?: boolean
}
