import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A page that is being served. */
export interface ServedPage {
  /** such as `http://127.0.0.1:8080/` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves one page to this machine alone: it listens on 127.0.0.1, and answers only requests that name it so, because a
 * site elsewhere may point a name of its own to this address.
 * @param port 0: any free one
 * @throws Error if the port is taken
 */
export async function servePage(html: string, port: number): Promise<ServedPage> {
  const body = Buffer.from(html);
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    const known = request.headers.host === `127.0.0.1:${own}` || request.headers.host === `localhost:${own}`;
    const status = !known ? 403 : request.url !== "/" ? 404 : request.method !== "GET" ? 405 : 200;
    response.writeHead(status, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
    response.end(status === 200 ? body : undefined);
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", (cause) => {
      failed(new Error(`--port ${port}: cannot listen there: ${cause.message}`, { cause }));
    });
    server.listen(port, "127.0.0.1", listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
