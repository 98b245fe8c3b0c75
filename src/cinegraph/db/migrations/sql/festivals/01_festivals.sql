-- What: festivals, their editions, and the categories of their awards.
-- Returns: nothing. Locks: new relations only.

CREATE TABLE festival_organizations (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key            text     NOT NULL UNIQUE CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    name           text     NOT NULL,
    country        text     CHECK (country ~ '^[A-Z]{2}$'),
    founded_year   smallint,
    imdb_event_id  text     UNIQUE CHECK (imdb_event_id ~ '^ev[0-9]{7}$'),
    eligibility    text     NOT NULL CHECK (eligibility IN ('year_before', 'same_year', 'any')),
    default_source text     NOT NULL,
    prestige       real     NOT NULL CHECK (prestige >= 0 AND prestige <= 1),
    month          smallint CHECK (month BETWEEN 1 AND 12)
);
COMMENT ON TABLE festival_organizations IS 'Who gives awards: festivals and academies; to add one is to add a row';
COMMENT ON COLUMN festival_organizations.key IS 'How commands call it, such as oscars';
COMMENT ON COLUMN festival_organizations.country IS 'ISO 3166-1';
COMMENT ON COLUMN festival_organizations.founded_year IS 'Of its first edition';
COMMENT ON COLUMN festival_organizations.imdb_event_id IS 'Its id among IMDb''s events, after which files of awards are called';
COMMENT ON COLUMN festival_organizations.eligibility IS
    'Which films an edition honours: those of the year before, of the same year, or of any year';
COMMENT ON COLUMN festival_organizations.default_source IS 'The source that is asked, and believed, unless somebody says otherwise';
COMMENT ON COLUMN festival_organizations.prestige IS 'What a nomination there is worth beside others, 0 to 1';
COMMENT ON COLUMN festival_organizations.month IS 'In which editions are held: when a new one is looked for';

INSERT INTO festival_organizations (
    key, name, country, founded_year, imdb_event_id, eligibility, default_source, prestige, month
) VALUES
    ('oscars', 'Academy Awards', 'US', 1929, 'ev0000003', 'year_before', 'oscars_table', 1.0, 3),
    ('cannes', 'Cannes Film Festival', 'FR', 1946, 'ev0000147', 'same_year', 'award_events', 0.95, 5),
    ('venice', 'Venice Film Festival', 'IT', 1932, 'ev0000681', 'same_year', 'award_events', 0.9, 9),
    ('berlinale', 'Berlin International Film Festival', 'DE', 1951, 'ev0000091', 'same_year', 'award_events', 0.85, 2),
    ('bafta', 'BAFTA Awards', 'GB', 1949, 'ev0000123', 'year_before', 'award_events', 0.85, 2),
    ('golden_globes', 'Golden Globe Awards', 'US', 1944, 'ev0000292', 'year_before', 'award_events', 0.75, 1),
    ('sundance', 'Sundance Film Festival', 'US', 1978, 'ev0000631', 'same_year', 'award_events', 0.7, 1),
    ('toronto', 'Toronto International Film Festival', 'CA', 1976, 'ev0000659', 'same_year', 'award_events', 0.65, 9),
    ('cesar', 'César Awards', 'FR', 1976, 'ev0000157', 'year_before', 'award_events', 0.65, 2),
    ('registry', 'National Film Preservation Board', 'US', 1989, 'ev0000468', 'any', 'award_events', 0.6, 12),
    ('spirit', 'Film Independent Spirit Awards', 'US', 1986, 'ev0000349', 'year_before', 'award_events', 0.55, 2),
    ('german_film', 'German Film Awards', 'DE', 1951, 'ev0000280', 'year_before', 'award_events', 0.5, 5),
    ('hong_kong', 'Hong Kong Film Awards', 'HK', 1982, 'ev0000329', 'year_before', 'award_events', 0.5, 4),
    ('filmfare', 'Filmfare Awards', 'IN', 1954, 'ev0000245', 'year_before', 'award_events', 0.5, 2),
    ('critics_choice', 'Critics Choice Awards', 'US', 1996, 'ev0000133', 'year_before', 'award_events', 0.55, 1),
    ('actor_awards', 'Actor Awards', 'US', 1995, 'ev0000598', 'year_before', 'award_events', 0.55, 2),
    ('india_national', 'National Film Awards, India', 'IN', 1954, 'ev0000467', 'year_before', 'award_events', 0.5, 9),
    ('iifa', 'International Indian Film Academy Awards', 'IN', 2000, 'ev0000361', 'year_before', 'award_events', 0.35, 6),
    ('zee_cine', 'Zee Cine Awards', 'IN', 1998, 'ev0000415', 'year_before', 'award_events', 0.3, 3),
    ('melbourne_indian', 'Indian Film Festival of Melbourne', 'AU', 2010, 'ev0011808', 'same_year', 'award_events', 0.3, 8),
    ('peoples_choice', 'People''s Choice Awards', 'US', 1975, 'ev0000530', 'year_before', 'award_events', 0.25, 11),
    ('razzies', 'Razzie Awards', 'US', 1981, 'ev0000558', 'year_before', 'award_events', 0.2, 3),
    ('filmfare_ott', 'Filmfare OTT Awards', 'IN', 2020, 'ev0035513', 'same_year', 'award_events', 0.2, 12),
    ('bollywood_journalists', 'Bollywood Film Journalist Awards', 'IN', NULL, 'ev0060658', 'year_before', 'award_events', 0.2, NULL),
    ('critics_choice_shorts', 'Critics'' Choice Shorts and Series Awards, India', 'IN', NULL, 'ev0036701', 'year_before', 'award_events',
        0.2, NULL),
    -- Their titles are mostly series, which no film is made of.
    ('emmys', 'Primetime Emmy Awards', 'US', 1949, 'ev0000223', 'year_before', 'award_events', 0.3, 9),
    ('indian_television', 'Indian Television Academy Awards', 'IN', 2001, 'ev0001931', 'year_before', 'award_events', 0.1, NULL),
    ('zee_rishtey', 'Zee Rishtey Awards', 'IN', NULL, 'ev0005699', 'year_before', 'award_events', 0.1, NULL),
    ('kids_choice_india', 'Nickelodeon Kids'' Choice Awards, India', 'IN', NULL, 'ev0005770', 'year_before', 'award_events', 0.1, NULL),
    ('iconic_gold', 'Iconic Gold Awards', NULL, NULL, 'ev0057191', 'year_before', 'award_events', 0.1, NULL),
    ('international_iconic', 'International Iconic Awards', NULL, NULL, 'ev0073358', 'year_before', 'award_events', 0.1, NULL);

CREATE TABLE festival_ceremonies (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint      NOT NULL REFERENCES festival_organizations,
    year            smallint    NOT NULL,
    part            smallint    NOT NULL DEFAULT 1 CHECK (part > 0),
    number          smallint    CHECK (number > 0),
    eligibility     text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    said_at         timestamptz,
    UNIQUE (organization_id, year, part)
);
COMMENT ON TABLE festival_ceremonies IS 'Editions of festivals: not years, for the Academy Awards had two in 1930 and none in 1933';
COMMENT ON COLUMN festival_ceremonies.year IS 'In which it was held';
COMMENT ON COLUMN festival_ceremonies.part IS 'Of several editions in one year, which; counted from 1';
COMMENT ON COLUMN festival_ceremonies.number IS 'As the festival counts its editions';
COMMENT ON COLUMN festival_ceremonies.eligibility IS 'The years of its films, as the source writes them, such as 1927/28';
COMMENT ON COLUMN festival_ceremonies.said_at IS 'When a source last said what it knows of it; null: it was asked for, and nothing came yet';

CREATE TABLE festival_categories (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint  NOT NULL REFERENCES festival_organizations,
    name            text    NOT NULL,
    class           text,
    is_competitive  boolean NOT NULL,
    UNIQUE (organization_id, name)
);
COMMENT ON TABLE festival_categories IS 'Categories of awards, each once over all years and sources';
COMMENT ON COLUMN festival_categories.name IS 'The name over all years';
COMMENT ON COLUMN festival_categories.class IS 'The kind of category as the source has it, such as Acting';
COMMENT ON COLUMN festival_categories.is_competitive IS 'Whether there are nominees and one of them wins; honorary and technical awards are given';

CREATE TABLE festival_category_names (
    organization_id bigint   NOT NULL REFERENCES festival_organizations,
    folded          text     NOT NULL,
    category_id     bigint   NOT NULL REFERENCES festival_categories ON DELETE CASCADE,
    name            text     NOT NULL,
    source          text     NOT NULL,
    first_year      smallint NOT NULL,
    last_year       smallint NOT NULL,
    PRIMARY KEY (organization_id, folded)
);
CREATE INDEX festival_category_names_category_index ON festival_category_names (category_id);
COMMENT ON TABLE festival_category_names IS 'What categories were called over the years, and what sources call them';
COMMENT ON COLUMN festival_category_names.folded IS 'The name without accents, case and punctuation: by it the category is found again';
COMMENT ON COLUMN festival_category_names.first_year IS 'Of the first edition in which it was called so';
