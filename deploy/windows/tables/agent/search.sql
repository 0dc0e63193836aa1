DELETE FROM `InstallUISequence` WHERE `Action` = 'AppSearch'
