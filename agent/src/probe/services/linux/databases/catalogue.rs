//! The databases this agent recognises, and by what. To add one, add an entry.
//!
//! PostgreSQL's and Redis' entries were checked against the programs of Debian 12; the others are written
//! from their makers' documentation.

/// A product.
pub(super) struct Entry {
    /// Name.
    pub(super) product: &'static str,
    /// Packages of dpkg or rpm that hold the server.
    pub(super) packages: &'static [&'static str],
    /// Its services: names without their suffix, or a beginning and "*".
    pub(super) services: &'static [&'static str],
    /// Names of its programs.
    pub(super) programs: &'static [&'static str],
    /// The folder its process works in is the folder of its data.
    pub(super) works_in_data: bool,
    /// Which instances there may be, and where they say so.
    pub(super) instances: Instances,
    /// Folders of the data where nothing says otherwise; the first that exists counts.
    pub(super) data: &'static [&'static str],
    /// Files in the folder of the data that begin with the version.
    pub(super) version_files: &'static [&'static str],
}

/// Which instances there may be.
#[derive(Clone, Copy)]
pub(super) enum Instances {
    /// One; the folder of its data stands in these settings.
    One(&'static [Setting]),
    /// Clusters of PostgreSQL.
    Clusters,
    /// What /etc/oratab lists.
    Oratab,
}

/// A setting in a file.
pub(super) struct Setting {
    /// The file.
    pub(super) file: &'static str,
    /// Sections it may stand in; none for files without sections.
    pub(super) sections: &'static [&'static str],
    /// Its name.
    pub(super) key: &'static str,
}

const fn plain(file: &'static str, key: &'static str) -> Setting {
    Setting {
        file,
        sections: &[],
        key,
    }
}

const fn in_section(
    file: &'static str,
    sections: &'static [&'static str],
    key: &'static str,
) -> Setting {
    Setting {
        file,
        sections,
        key,
    }
}

const fn product(product: &'static str) -> Entry {
    Entry {
        product,
        packages: &[],
        services: &[],
        programs: &[],
        works_in_data: false,
        instances: Instances::One(&[]),
        data: &[],
        version_files: &[],
    }
}

/// Sections of my.cnf that the server reads.
const MY_CNF: &[&str] = &["mysqld", "server", "mariadb", "mariadbd", "mysqld_safe"];

/// All of them, ordered by name.
pub(super) const CATALOGUE: &[Entry] = &[
    Entry {
        packages: &["cassandra"],
        services: &["cassandra"],
        data: &["/var/lib/cassandra/data"],
        ..product("Apache Cassandra")
    },
    Entry {
        packages: &["couchdb"],
        services: &["couchdb"],
        instances: Instances::One(&[
            in_section("/opt/couchdb/etc/local.ini", &["couchdb"], "database_dir"),
            in_section("/opt/couchdb/etc/default.ini", &["couchdb"], "database_dir"),
        ]),
        data: &["/var/lib/couchdb", "/opt/couchdb/data"],
        ..product("Apache CouchDB")
    },
    Entry {
        packages: &["clickhouse-server"],
        services: &["clickhouse-server"],
        programs: &["clickhouse-server"],
        data: &["/var/lib/clickhouse"],
        ..product("ClickHouse")
    },
    Entry {
        packages: &["elasticsearch"],
        services: &["elasticsearch"],
        instances: Instances::One(&[plain("/etc/elasticsearch/elasticsearch.yml", "path.data")]),
        data: &["/var/lib/elasticsearch"],
        ..product("Elasticsearch")
    },
    Entry {
        packages: &[
            "firebird4.0-server",
            "firebird3.0-server",
            "firebird2.5-super",
            "firebird",
        ],
        services: &["firebird*"],
        programs: &["firebird", "fbserver", "fb_smp_server", "fb_inet_server"],
        data: &[
            "/var/lib/firebird/4.0/data",
            "/var/lib/firebird/3.0/data",
            "/var/lib/firebird/2.5/data",
            "/var/lib/firebird/data",
        ],
        ..product("Firebird")
    },
    Entry {
        packages: &["influxdb2", "influxdb"],
        services: &["influxdb", "influxd"],
        programs: &["influxd"],
        instances: Instances::One(&[plain("/etc/influxdb/config.toml", "engine-path")]),
        data: &["/var/lib/influxdb/engine", "/var/lib/influxdb"],
        ..product("InfluxDB")
    },
    Entry {
        packages: &[
            "mariadb-server",
            "mariadb-server-core",
            "mariadb-server-10.1",
            "mariadb-server-10.3",
            "mariadb-server-10.5",
            "mariadb-server-10.6",
            "MariaDB-server",
        ],
        services: &["mariadb", "mariadb@*"],
        programs: &["mariadbd"],
        works_in_data: true,
        instances: Instances::One(&[
            in_section("/etc/mysql/my.cnf", MY_CNF, "datadir"),
            in_section("/etc/my.cnf", MY_CNF, "datadir"),
        ]),
        data: &["/var/lib/mysql"],
        version_files: &["mariadb_upgrade_info", "mysql_upgrade_info"],
        ..product("MariaDB")
    },
    Entry {
        packages: &["mssql-server"],
        services: &["mssql-server"],
        programs: &["sqlservr"],
        instances: Instances::One(&[in_section(
            "/var/opt/mssql/mssql.conf",
            &["filelocation"],
            "defaultdatadir",
        )]),
        data: &["/var/opt/mssql/data"],
        ..product("Microsoft SQL Server")
    },
    Entry {
        packages: &[
            "mongodb-org-server",
            "mongodb-server",
            "mongodb-server-core",
        ],
        services: &["mongod", "mongodb"],
        programs: &["mongod"],
        instances: Instances::One(&[
            plain("/etc/mongod.conf", "dbPath"),
            plain("/etc/mongodb.conf", "dbpath"),
        ]),
        data: &["/var/lib/mongodb", "/var/lib/mongo"],
        ..product("MongoDB")
    },
    Entry {
        packages: &[
            "mysql-server-8.4",
            "mysql-server-8.0",
            "mysql-server-5.7",
            "mysql-community-server",
            "mysql-server-core-8.0",
            "mysql-server",
        ],
        services: &["mysql", "mysqld", "mysqld@*"],
        programs: &["mysqld"],
        works_in_data: true,
        instances: Instances::One(&[
            in_section("/etc/mysql/my.cnf", MY_CNF, "datadir"),
            in_section("/etc/my.cnf", MY_CNF, "datadir"),
        ]),
        data: &["/var/lib/mysql"],
        version_files: &["mysql_upgrade_info"],
        ..product("MySQL")
    },
    Entry {
        packages: &["neo4j"],
        services: &["neo4j"],
        data: &["/var/lib/neo4j/data"],
        ..product("Neo4j")
    },
    Entry {
        packages: &["opensearch"],
        services: &["opensearch"],
        instances: Instances::One(&[plain("/etc/opensearch/opensearch.yml", "path.data")]),
        data: &["/var/lib/opensearch"],
        ..product("OpenSearch")
    },
    Entry {
        packages: &[
            "oracle-database-free-23ai",
            "oracle-database-xe-21c",
            "oracle-database-xe-18c",
            "oracle-xe-11g",
        ],
        services: &["oracle-free*", "oracle-xe*", "oracledb*"],
        programs: &["oracle"],
        instances: Instances::Oratab,
        data: &["/opt/oracle/oradata", "/u01/app/oracle/oradata"],
        ..product("Oracle Database")
    },
    Entry {
        // Packages and services carry the number of the version: see `postgres`.
        services: &["postgresql*"],
        programs: &["postgres", "postmaster"],
        works_in_data: true,
        instances: Instances::Clusters,
        version_files: &["PG_VERSION"],
        ..product("PostgreSQL")
    },
    Entry {
        packages: &["redis-server", "redis"],
        services: &["redis-server*", "redis", "redis@*"],
        // Debian's server is a link to a program of another name.
        programs: &["redis-server", "redis-check-rdb"],
        works_in_data: true,
        instances: Instances::One(&[
            plain("/etc/redis/redis.conf", "dir"),
            plain("/etc/redis.conf", "dir"),
        ]),
        data: &["/var/lib/redis"],
        ..product("Redis")
    },
    Entry {
        packages: &["valkey-server", "valkey"],
        services: &["valkey-server*", "valkey", "valkey@*"],
        programs: &["valkey-server", "valkey-check-rdb"],
        works_in_data: true,
        instances: Instances::One(&[
            plain("/etc/valkey/valkey.conf", "dir"),
            plain("/etc/valkey.conf", "dir"),
        ]),
        data: &["/var/lib/valkey"],
        ..product("Valkey")
    },
    Entry {
        services: &["libsql-server", "sqld"],
        programs: &["sqld"],
        data: &["/var/lib/sqld"],
        ..product("libSQL (SQLite server)")
    },
    Entry {
        services: &["rqlite", "rqlited"],
        programs: &["rqlited"],
        data: &["/var/lib/rqlite"],
        ..product("rqlite (SQLite server)")
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_ordered_and_recognisable() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].product < pair[1].product, "{}", pair[1].product);
        }
        for entry in CATALOGUE {
            assert!(!entry.services.is_empty(), "{}", entry.product);
            let clusters = matches!(entry.instances, Instances::Clusters);
            assert!(clusters || !entry.data.is_empty(), "{}", entry.product);
            assert!(
                entry.data.iter().all(|path| path.starts_with('/')),
                "{}",
                entry.product
            );
        }
    }
}
