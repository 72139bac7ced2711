/** Python code that tries to reach addresses, for a kernel and for programs beside it. */

/** "tcp" connects; "dns" sends a question by UDP and waits for the answer. */
export type Target = Readonly<{ host: string; port: number; by?: "tcp" | "dns" }>;

/** "reached", or the name of an error number, such as ENETUNREACH; "timeout" where nothing answers, as under most NetworkPolicies. */
export type Outcomes = Readonly<Record<string, string>>;

/** Seconds until a connection counts as refused: a NetworkPolicy drops packets. */
const TIMEOUT_S = 2;

/** Prints `Outcomes` as JSON; all targets are tried at once. */
export function reachCode(targets: Readonly<Record<string, Target>>): string {
  return `
import errno, json, socket
from concurrent.futures import ThreadPoolExecutor
QUESTION = b"\\x12\\x34\\x01\\x00\\x00\\x01" + bytes(6) + b"\\x0akubernetes\\x07default\\x03svc\\x07cluster\\x05local\\x00\\x00\\x01\\x00\\x01"
def reach(target):
    address = (target["host"], target["port"])
    try:
        if target.get("by") == "dns":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(${TIMEOUT_S})
                client.sendto(QUESTION, address)
                client.recv(512)
        else:
            socket.create_connection(address, ${TIMEOUT_S}).close()
        return "reached"
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
targets = json.loads(${JSON.stringify(JSON.stringify(targets))})
with ThreadPoolExecutor(32) as pool:
    print(json.dumps(dict(zip(targets, pool.map(reach, targets.values())))))
`;
}

/** Every target with the same outcome. */
export function all(targets: Readonly<Record<string, Target>>, outcome: string): Outcomes {
  return Object.fromEntries(Object.keys(targets).map((name) => [name, outcome]));
}
