/** Mutual TLS with a component: whom grad trusts, grad's own certificate and key, and the name that the component's certificate is for. */
export type ComponentTls = Readonly<{
  authority: string;
  certificate: string;
  key: string;
  serverName: string;
}>;
