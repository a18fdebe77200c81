/** The URL of a database: its hosts, its password, and what is wrong with it. */
import { describe, expect, it } from "vitest";
import { parseDatabaseUrl } from "../../subgraphs/platform/database-url.ts";
import { readRecordSettings } from "../../subgraphs/platform/environment.ts";

const hostsOf = (url: string): readonly string[] =>
  parseDatabaseUrl(url).hosts.map(({ host, port }) => `${host} ${port}`);

describe("the URL of a database", () => {
  it.each([
    ["postgres://db.example/decibel", ["db.example 5432"]],
    ["postgresql://me@db.example:6543/decibel", ["db.example 6543"]],
    ["postgres://me:pw@a.example,b.example:6543/decibel", ["a.example 5432", "b.example 6543"]],
    ["postgres://[::1]:6543,[fe80::1]/decibel", ["::1 6543", "fe80::1 5432"]],
    ["postgres:///decibel?host=a,b&port=1,2", ["a 1", "b 2"]],
    ["postgres:///decibel?host=a,b&port=6543", ["a 6543", "b 6543"]],
    ["postgres://me@/decibel?host=/var/run/postgresql", ["/var/run/postgresql 5432"]],
    ["postgres://%2Fvar%2Frun%2Fpostgresql/decibel", ["/var/run/postgresql 5432"]],
    ["postgres:///decibel", ["localhost 5432"]],
  ])("%s has the hosts %j", (url, hosts) => {
    expect(hostsOf(url)).toEqual(hosts);
  });

  it.each([
    ["me:pw", "me", "pw"],
    ["me", "me", undefined],
    ["me:p:w", "me", "p:w"],
    ["me:p%2F%3F%23%25w", "me", "p/?#%w"],
    // No host has an "@", and before it a "#" begins nothing.
    ["me:p@w#x", "me", "p@w#x"],
    ["me%40tenant:pw+x", "me@tenant", "pw+x"],
  ])("%s is read as its user and password", (userinfo, user, password) => {
    expect(parseDatabaseUrl(`postgres://${userinfo}@db.example/decibel`)).toMatchObject({
      hosts: [{ host: "db.example", port: 5432 }],
      user,
      password,
      database: "decibel",
    });
  });

  it("may have them, and the database, as parameters", () => {
    const { user, password, database } = parseDatabaseUrl(
      "postgres://a?dbname=decibel&user=me%40tenant&password=s%26t",
    );
    expect([user, password, database]).toEqual(["me@tenant", "s&t", "decibel"]);
    expect(parseDatabaseUrl("postgres://a/decibel?password=p@w").password).toBe("p@w");
  });

  it.each([
    ["root:s3/cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:12/s3cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:s3?cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:12?s3cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:12/3?s3cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:a@s3/cret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:s3#c/ret@db.example/decibel", 'expected its user and password percent-encoded: "/" as %2F, "?" as %3F'],
    ["root:s3cret%@db.example/decibel", 'expected "%" percent-encoded as %25'],
    ["root:s3cret%zz@db.example/decibel", 'expected "%" percent-encoded as %25'],
    ["root:s3cret@db.example/decibel#main", 'expected "#" percent-encoded as %23'],
    [
      "root:s3cret@db.example",
      "expected the name of a database behind the host, as in postgres://user:password@host:5432/decibel",
    ],
    [
      "root:s3cret@db.example/?sslmode=require",
      "expected the name of a database behind the host, as in postgres://user:password@host:5432/decibel",
    ],
    [
      "root:s3cret/decibel",
      "expected a number from 1 to 65535 as its port, as in postgres://user:password@host:5432/decibel",
    ],
    [
      "root:s3cret@a:5432,b:s3cret/decibel",
      "expected a number from 1 to 65535 as its port, as in postgres://user:password@host:5432/decibel",
    ],
    [
      "root:s3cret@a:65536/decibel",
      "expected a number from 1 to 65535 as its port, as in postgres://user:password@host:5432/decibel",
    ],
    ["root:s3cret@db.example/decibel?sslmode", 'expected each parameter behind "?" as name=value'],
    ["root:s3cret@/decibel?hostaddr=10.0.0.7", "expected its host itself, without hostaddr"],
    ["root:s3cret@/decibel?service=main", "expected its host itself, without service"],
    [
      "root:s3cret@/decibel?host=a,b,c&port=1,2",
      "expected one port, or one for each of its hosts, as in postgres://user:password@host:5432/decibel",
    ],
    [
      "root:s3cret@a,b/decibel?target_session_attrs=standby",
      "expected target_session_attrs=read-write, because the database is written to",
    ],
  ])("postgres://%s is refused without its password", (rest, problem) => {
    const refusal = (): unknown => readRecordSettings({ DATABASE_URL: `postgres://${rest}` });
    expect(refusal).toThrow(new Error(`Cannot read the environment:\n  DATABASE_URL: ${problem}`));
  });
});
