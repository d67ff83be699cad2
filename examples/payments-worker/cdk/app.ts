// `cdk deploy`: needs ../dist, which `npm run build` makes.
import { App } from 'aws-cdk-lib'
import { PaymentsWorker } from './payments-worker.ts'

new PaymentsWorker(new App(), 'payments-worker', { providerUrl: 'https://api.psp.example.com' })
