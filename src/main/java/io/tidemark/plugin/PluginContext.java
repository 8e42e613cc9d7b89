package io.tidemark.plugin;

import io.tidemark.archive.KeySource;
import io.tidemark.backup.StorageEngine;
import io.tidemark.tracker.BitmapEngine;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a host gives a plugin to work with; all of it stays the host's to close.
 *
 * @param configuration the plugin's settings
 * @param database what the engine is called in questions
 * @param store knows which blocks of the engine changed
 * @param storeRoot the store's directory; runs that are being taken are kept in {@code runs} below
 * @param engine gives what blocks hold
 * @param backups where backups go
 * @param keys what backups are encrypted with; null for none
 */
public record PluginContext(
    Configuration configuration,
    String database,
    BitmapEngine store,
    Path storeRoot,
    StorageEngine engine,
    Path backups,
    @Nullable KeySource keys) {}
